import type { IamRoleCredentialsMessage } from '@berth/model'
import { expect, test } from 'vitest'
import { given, scope, start } from '../services/ecs/fixtures/rows.ts'
import { taskDefinitions, tasks } from '../services/ecs/tables/index.ts'
import { type FakeConnection, openGateway, settle } from './gateway-fixture.ts'

const hourMs = 3_600_000
const role = (name: string): string => `arn:aws:iam::${scope.accountId}:role/${name}`

const openWithRoles = async (count = 1) => {
  const opened = await openGateway({ tasks: Array.from({ length: count }, (_, n) => given.task(n + 1)) })
  const definition = {
    containerDefinitions: [given.container()],
    taskRoleArn: 'reader',
    executionRoleArn: role('puller'),
  }
  opened.store.update(tx => tx.put(taskDefinitions, given.taskDefinition(definition)))
  return opened
}

/** The agent lives for so long, and says so each minute: credentials are renewed by the clock. */
const pass = async (
  { clock }: Awaited<ReturnType<typeof openGateway>>,
  agent: FakeConnection,
  hours: number,
): Promise<void> => {
  for (let minute = 0; minute < hours * 60; minute++) {
    for (let second = 0; second < 60; second += 5) {
      agent.says('BerthHeartbeat')
      clock.advance(5_000)
    }
    await settle()
  }
}

const renewals = (agent: FakeConnection) =>
  agent.heard<IamRoleCredentialsMessage>('IAMRoleCredentialsMessage')

test.each(['berth', 'ecs'] as const)(
  'Payloads for an agent of kind %s carry credentials of both roles',
  async kind => {
    const { connect } = await openWithRoles()
    const agent = connect({ kind })
    await settle()
    const [task] = agent.payloads[0]!.tasks
    expect(task?.roleCredentials).toMatchObject({
      roleArn: role('reader'),
      expiration: new Date(start + 6 * hourMs).toISOString(),
    })
    expect(task?.executionRoleCredentials?.roleArn).toBe(role('puller'))
  },
)

test("A task's overrides name other roles, and a task without roles has no credentials", async () => {
  const { store, connect } = await openWithRoles()
  store.update(tx => tx.put(tasks, given.task(1, { overrides: { taskRoleArn: role('writer') } })))
  const agent = connect()
  await settle()
  expect(agent.payloads[0]?.tasks[0]?.roleCredentials?.roleArn).toBe(role('writer'))
  const without = (await openGateway({ tasks: [given.task(1)] })).connect()
  await settle()
  expect(without.payloads[0]?.tasks[0]).not.toHaveProperty('roleCredentials')
  expect(without.payloads[0]?.tasks[0]).not.toHaveProperty('executionRoleCredentials')
})

test('They are renewed hours before they end, under the same id, until the agent has them', async () => {
  const opened = await openWithRoles()
  const agent = opened.connect()
  await settle()
  agent.acknowledges(agent.payloads[0]!)
  const first = agent.payloads[0]!.tasks[0]!.roleCredentials!
  await pass(opened, agent, 2)
  expect(renewals(agent)).toEqual([])
  await pass(opened, agent, 2)
  const [renewed, execution] = renewals(agent)
  expect(renewed).toMatchObject({ taskArn: given.task(1).id, roleType: 'TaskApplication' })
  expect(renewed?.roleCredentials.credentialsId).toBe(first.credentialsId)
  expect(renewed!.roleCredentials.expiration > first.expiration).toBe(true)
  expect(execution?.roleType).toBe('TaskExecution')
  expect(renewals(agent).length).toBeGreaterThan(2)
  for (const { messageId, roleCredentials } of renewals(agent).slice(-2))
    agent.says('IAMRoleCredentialsAckRequest', {
      messageId,
      credentialsId: roleCredentials.credentialsId,
      expiration: roleCredentials.expiration,
    })
  agent.forget()
  await pass(opened, agent, 0.5)
  expect(renewals(agent)).toEqual([])
  await pass(opened, agent, 4)
  expect(renewals(agent).length).toBeGreaterThan(0)
})

test('Those of a task that is STOPPED are not renewed', async () => {
  const opened = await openWithRoles()
  const agent = opened.connect()
  await settle()
  agent.acknowledges(agent.payloads[0]!)
  opened.store.update(tx =>
    tx.put(tasks, given.task(1, { desiredStatus: 'STOPPED', lastStatus: 'STOPPED', stoppedAt: start })),
  )
  await pass(opened, agent, 6)
  expect(renewals(agent)).toEqual([])
})

test('A new session is given credentials again, whatever the agent says that it has', async () => {
  const { connect } = await openWithRoles()
  const first = connect()
  await settle()
  first.acknowledges(first.payloads[0]!)
  const second = connect()
  await settle()
  expect(second.payloads[0]?.tasks[0]?.roleCredentials?.roleArn).toBe(role('reader'))
})
