import { expect, test } from 'vitest'
import { useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { connect, ready, register, run } = taskCalls(berth)
const environmentFiles = [{ type: 's3' as const, value: 'arn:aws:s3:::config/web.env' }]

test('a host without places for buckets is refused, and one that has some is told of the override’s files', async () => {
  const without = await ready()
  await register()
  const input = {
    taskDefinition: 'web',
    overrides: { containerOverrides: [{ name: 'web', environmentFiles }] },
  }
  const refused = await berth.ecs.startTask({ ...input, containerInstances: [without] })
  expect(refused.failures?.[0]).toMatchObject({
    reason: 'ATTRIBUTE',
    detail: 'Missing attributes: ecs.capability.env-files.s3.',
  })
  const having = await connect({ attributes: [{ name: 'ecs.capability.env-files.s3' }] })
  const started = await berth.ecs.startTask({ ...input, containerInstances: [having] })
  const task = await run({ overrides: input.overrides })
  expect(task.containerInstanceArn).toBe(having)
  const { tasks = [] } = await berth.ecs.describeTasks({ tasks: [task.taskArn ?? ''] })
  const { task: stopped } = await berth.ecs.stopTask({ task: task.taskArn })
  for (const shown of [task, ...(started.tasks ?? []), ...tasks, stopped])
    expect(shown?.overrides?.containerOverrides).toEqual([{ name: 'web', environmentFiles }])
})
