import type { SettingName } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { accountId, refusal, rootArn, useBerth } from './harness.ts'

const berth = useBerth()

const ann = `arn:aws:iam::${accountId}:user/ann`
const bob = `arn:aws:iam::${accountId}:user/bob`
const user = (principalArn: string, value: string) => ({
  name: 'awsvpcTrunking',
  value,
  principalArn,
  type: 'user',
})
const effective = async (principalArn: string) =>
  (await berth.ecs.listAccountSettings({ principalArn, effectiveSettings: true, name: 'awsvpcTrunking' }))
    .settings

test('a setting holds for its principal, the default for everyone else', async () => {
  expect(await effective(ann)).toEqual([user(ann, 'disabled')])
  const own = await berth.ecs.putAccountSetting({
    name: 'awsvpcTrunking',
    value: 'disabled',
    principalArn: ann,
  })
  expect(own.setting).toEqual(user(ann, 'disabled'))
  const all = await berth.ecs.putAccountSettingDefault({ name: 'awsvpcTrunking', value: 'enabled' })
  expect(all.setting).toEqual(user(rootArn, 'enabled'))
  expect(await effective(ann)).toEqual([user(ann, 'disabled')])
  expect(await effective(bob)).toEqual([user(bob, 'enabled')])
  const deleted = await berth.ecs.deleteAccountSetting({ name: 'awsvpcTrunking', principalArn: ann })
  expect(deleted.setting).toEqual(user(ann, 'enabled'))
  expect(await effective(ann)).toEqual([user(ann, 'enabled')])
})

test('what the root sets for itself is the default of the account', async () => {
  const { setting } = await berth.ecs.putAccountSetting({ name: 'awsvpcTrunking', value: 'enabled' })
  expect(setting).toEqual(user(rootArn, 'enabled'))
  expect(await effective(bob)).toEqual([user(bob, 'enabled')])
})

test('without effectiveSettings only what was set is listed', async () => {
  expect((await berth.ecs.listAccountSettings({})).settings).toEqual([])
  await berth.ecs.putAccountSetting({ name: 'awsvpcTrunking', value: 'enabled' })
  await berth.ecs.putAccountSetting({ name: 'fargateFIPSMode', value: 'disabled' })
  expect((await berth.ecs.listAccountSettings({})).settings?.map(setting => setting.name)).toEqual([
    'awsvpcTrunking',
    'fargateFIPSMode',
  ])
  const list = (value: string) => berth.ecs.listAccountSettings({ name: 'awsvpcTrunking', value })
  expect((await list('enabled')).settings).toEqual([user(rootArn, 'enabled')])
  expect((await list('disabled')).settings).toEqual([])
})

test('dualStackIPv6 is a setting, which the published model does not name', async () => {
  const name = 'dualStackIPv6' as SettingName
  const { setting } = await berth.ecs.putAccountSetting({ name, value: 'disabled', principalArn: ann })
  expect(setting).toEqual({ name, value: 'disabled', principalArn: ann, type: 'user' })
  const listed = await berth.ecs.listAccountSettings({ name, principalArn: ann, effectiveSettings: true })
  expect(listed.settings).toEqual([setting])
  const unknown = berth.ecs.putAccountSetting({ name: 'dualStackIPv7' as SettingName, value: 'disabled' })
  expect((await refusal(unknown))[1]).toContain('Member must satisfy enum value set')
})

test('effective settings come in pages of ten at most', async () => {
  const first = await berth.ecs.listAccountSettings({ effectiveSettings: true })
  const second = await berth.ecs.listAccountSettings({ effectiveSettings: true, nextToken: first.nextToken })
  const settings = [...(first.settings ?? []), ...(second.settings ?? [])]
  expect(first.settings).toHaveLength(10)
  expect(settings.map(({ name, value, type }) => `${name}=${value} ${type}`)).toEqual([
    'awsvpcTrunking=disabled user',
    'containerInsights=disabled user',
    'containerInstanceLongArnFormat=enabled user',
    'defaultLogDriverMode=non-blocking user',
    'dualStackIPv6=enabled user',
    'fargateEventWindows=disabled user',
    'fargateFIPSMode=disabled user',
    'fargateTaskRetirementWaitPeriod=7 user',
    'guardDutyActivate=off aws_managed',
    'serviceLongArnFormat=enabled user',
    'tagResourceAuthorization=off user',
    'taskLongArnFormat=enabled user',
  ])
  expect(second.nextToken).toBeUndefined()
  expect((await refusal(berth.ecs.listAccountSettings({ maxResults: 11 })))[1]).toBe(
    'maxResults must be between 1 and 10.',
  )
})

test.each([
  [{ name: 'awsvpcTrunking', value: 'yes' }, 'Invalid value for the account setting awsvpcTrunking: yes.'],
  [{ name: 'taskLongArnFormat', value: 'disabled' }, 'You can no longer disable Long Arn settings'],
  [{ name: 'taskLongArnFormat', value: 'off' }, 'Invalid value for the account setting'],
  [{ name: 'guardDutyActivate', value: 'on' }, 'is managed by AWS and cannot be changed.'],
] as const)('%j cannot be set', async (input, message) => {
  for (const call of [berth.ecs.putAccountSetting(input), berth.ecs.putAccountSettingDefault(input)]) {
    const [name, text] = await refusal(call)
    expect(name).toBe('InvalidParameterException')
    expect(text).toContain(message)
  }
})

test('a principal of another account, and a value without a name, are refused', async () => {
  const principalArn = 'arn:aws:iam::999999999999:user/ann'
  const invalid = ['InvalidParameterException', `Invalid principalArn: ${principalArn}`]
  const name = 'awsvpcTrunking'
  expect(await refusal(berth.ecs.deleteAccountSetting({ name, principalArn }))).toEqual(invalid)
  expect(await refusal(berth.ecs.listAccountSettings({ principalArn }))).toEqual(invalid)
  expect((await refusal(berth.ecs.listAccountSettings({ value: 'enabled' })))[0]).toBe(
    'InvalidParameterException',
  )
})
