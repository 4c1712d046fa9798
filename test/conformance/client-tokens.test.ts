import { expect, test } from 'vitest'
import { arn, refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { ready, run } = taskCalls(berth)
const hours = 3_600_000

test('RunTask runs the same tasks again once its token is a day old', async () => {
  await ready()
  const request = { taskDefinition: 'web', count: 2, clientToken: 'token', startedBy: 'me' }
  const arns = async () => (await berth.ecs.runTask(request)).tasks?.map(({ taskArn }) => taskArn)
  const first = await arns()
  expect(first).toHaveLength(2)
  berth.advance(23 * hours)
  expect(await arns()).toEqual(first)
  berth.advance(hours)
  expect(await arns()).not.toEqual(first)
})

test("RunTask's token is of its cluster, and of a request that says the same in any order", async () => {
  await ready()
  const first = await run({ clientToken: 'token', overrides: { cpu: '512', memory: '1024' } })
  const again = await run({ overrides: { memory: '1024', cpu: '512' }, clientToken: 'token' })
  expect(again.taskArn).toBe(first.taskArn)
  await berth.ecs.createCluster({ clusterName: 'blue' })
  const elsewhere = berth.ecs.runTask({ cluster: 'blue', taskDefinition: 'web', clientToken: 'token' })
  expect(await refusal(elsewhere)).toEqual([
    'InvalidParameterException',
    'No Container Instances were found in your cluster.',
  ])
})

test('a call that was refused has used no token', async () => {
  await berth.ecs.createCluster({ clusterName: 'default' })
  await refusal(berth.ecs.runTask({ taskDefinition: 'web', clientToken: 'token' }))
  await ready()
  expect((await run({ clientToken: 'token' })).taskArn).toContain(arn('task/default/'))
})

test('CreateService gives the same service for the same token, and refuses another one', async () => {
  await ready()
  const request = { serviceName: 'web', taskDefinition: 'web', desiredCount: 1, clientToken: 'token' }
  const create = async (change: object = {}) =>
    (await berth.ecs.createService({ ...request, ...change })).service
  const first = await create()
  berth.settle()
  expect(await create()).toMatchObject({
    deployments: [{ id: first?.deployments?.[0]?.id }],
    pendingCount: 1,
  })
  expect(await refusal(create({ desiredCount: 2 }))).toEqual([
    'InvalidParameterException',
    'Creation of service was not idempotent.',
  ])
})

test.each(['', ' ', 'a b', 'é', '\u0000'])('the token %j is no token', async clientToken => {
  await ready()
  const [name, message] = await refusal(berth.ecs.runTask({ taskDefinition: 'web', clientToken }))
  expect(name).toBe('InvalidParameterException')
  expect(message).toBe('clientToken must be 1 to 64 ASCII characters in the range of 33-126.')
})
