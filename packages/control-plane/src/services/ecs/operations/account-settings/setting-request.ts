import type { Setting, SettingName } from '@aws-sdk/client-ecs'
import type { Call } from '../../../service.ts'
import { type AccountSettingName, settingRules } from '../../effective-settings.ts'
import { invalidParameter } from '../../errors.ts'

/** The principal that a request is about: the caller, unless it names another one of the account. */
export const principalOf = (given: string | undefined, { identity, scope }: Call): string => {
  const principal = given ?? identity.arn
  if (!new RegExp(`^arn:aws:(iam|sts)::${scope.accountId}:\\S+$`).test(principal))
    throw invalidParameter(`Invalid principalArn: ${principal}`)
  return principal
}

/** Throws InvalidParameterException unless the setting may have this value. */
export const checkValue = (name: AccountSettingName, value: string): void => {
  const rule = settingRules[name]
  if (rule.managed)
    throw invalidParameter(`The account setting ${name} is managed by AWS and cannot be changed.`)
  // The Terraform provider tells this refusal by its words, and lets go of the setting.
  if (name.endsWith('LongArnFormat') && value === 'disabled')
    throw invalidParameter('You can no longer disable Long Arn settings')
  if (!rule.values.includes(value))
    throw invalidParameter(
      `Invalid value for the account setting ${name}: ${value}. Valid values: ${rule.values.join(', ')}.`,
    )
}

export const settingResponse = (name: AccountSettingName, value: string, principalArn: string): Setting => ({
  name: name as SettingName,
  value,
  principalArn,
  type: settingRules[name].managed ? 'aws_managed' : 'user',
})
