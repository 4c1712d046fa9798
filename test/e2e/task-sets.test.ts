import {
  CreateServiceCommand,
  CreateTaskSetCommand,
  DeleteTaskSetCommand,
  DescribeTaskSetsCommand,
  type TaskSet,
  UpdateServiceCommand,
  UpdateServicePrimaryTaskSetCommand,
  UpdateTaskSetCommand,
} from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { Tasks, untilStopped } from './tasks.ts'

const named = { cluster: 'default', service: 'shop' }

let berth: Berth
let tasks: Tasks
beforeAll(async () => {
  makeBusyboxImage()
  berth = await Berth.start({ server: { BERTH_TASK_SETTLE_MS: '100' } })
  tasks = new Tasks(berth)
})
afterAll(() => berth?.stop())

const add = async (colour: string, value: number): Promise<string> => {
  const taskDefinition = await tasks.define([{ name: colour, script: untilStopped }], { family: colour })
  const scale = { value, unit: 'PERCENT' as const }
  const { taskSet } = await berth.ecs.send(new CreateTaskSetCommand({ ...named, taskDefinition, scale }))
  return taskSet?.id ?? ''
}

const described = async (id: string): Promise<TaskSet | undefined> => {
  const { taskSets = [] } = await berth.ecs.send(new DescribeTaskSetsCommand({ ...named, taskSets: [id] }))
  return taskSets[0]
}

const steady = (id: string, runningCount: number): Promise<unknown> =>
  eventually(`${id} is steady with ${runningCount} tasks`, async () => {
    const taskSet = await described(id)
    return taskSet?.stabilityStatus === 'STEADY_STATE' && taskSet.runningCount === runningCount
  })

/** The containers of a colour that really run. */
const containers = async (colour: string): Promise<readonly string[]> => {
  const of = [
    '--filter',
    `label=berth.incarnation=${await berth.incarnation()}`,
    '--filter',
    `name=${colour}`,
  ]
  return (await docker('ps', '-q', ...of)).split('\n').filter(id => id !== '')
}

it('lets another controller bring a service from one task set to the next, and ECS take over then', async () => {
  const deploymentController = { type: 'EXTERNAL' as const }
  await berth.ecs.send(
    new CreateServiceCommand({ serviceName: 'shop', desiredCount: 2, deploymentController }),
  )
  const blue = await add('blue', 100)
  await steady(blue, 2)
  await berth.ecs.send(new UpdateServicePrimaryTaskSetCommand({ ...named, primaryTaskSet: blue }))

  const green = await add('green', 50)
  await steady(green, 1)
  expect(await containers('blue')).toHaveLength(2)
  expect(await containers('green')).toHaveLength(1)
  const scale = { value: 100, unit: 'PERCENT' as const }
  await berth.ecs.send(new UpdateTaskSetCommand({ ...named, taskSet: green, scale }))
  await steady(green, 2)
  await berth.ecs.send(new UpdateServicePrimaryTaskSetCommand({ ...named, primaryTaskSet: green }))
  await berth.ecs.send(new DeleteTaskSetCommand({ ...named, taskSet: blue, force: true }))
  await eventually('the blue set is gone', async () => (await described(blue)) === undefined)
  // Docker lists what has just ended a moment longer.
  await eventually('no blue container runs', async () => (await containers('blue')).length === 0)

  const before = await containers('green')
  expect(before).toHaveLength(2)
  await berth.ecs.send(new UpdateServiceCommand({ ...named, deploymentController: { type: 'ECS' } }))
  expect(await tasks.service('shop')).toMatchObject({
    deployments: [{ id: green, status: 'PRIMARY', runningCount: 2 }],
  })
  expect(await containers('green')).toEqual(before)
  await tasks.deleteService('shop')
}, 60_000)
