import { expect, it } from 'vitest'
import { useBerth } from './harness.ts'
import { runningTask, startedTask, stoppedTask, wholeRequest, wholeTaskCalls } from './whole-task.ts'

const berth = useBerth()
const { ready, run, end } = wholeTaskCalls(berth)

it('is the same to whoever describes, stops or runs it again with its clientToken', async () => {
  const instance = await ready()
  const runAgain = async () => {
    const { tasks = [], failures } = await berth.ecs.runTask({ ...wholeRequest, clientToken: 'token' })
    expect(failures).toEqual([])
    expect(tasks).toHaveLength(1)
    return tasks[0]!
  }
  const task = await runAgain()
  const id = task.taskArn!
  const describeIt = async () =>
    (await berth.ecs.describeTasks({ tasks: [id], include: ['TAGS'] })).tasks?.[0]
  const stop = async () => (await berth.ecs.stopTask({ cluster: 'default', task: id, reason: 'enough' })).task
  expect(task).toEqual(startedTask(task, instance))
  expect(await describeIt()).toEqual(startedTask(task, instance))

  await run(task)
  expect(await describeIt()).toEqual(runningTask(task, instance))
  expect(await runAgain()).toEqual(runningTask(task, instance))

  berth.advance(1000)
  const { version, desiredStatus, stopCode, stoppedReason, stoppingAt } = stoppedTask(task, instance)
  expect(await stop()).toEqual({
    ...runningTask(task, instance),
    desiredStatus,
    stopCode,
    stoppedReason,
    stoppingAt,
    version: version - 1,
  })

  berth.advance(1000)
  await end(task)
  const stopped = stoppedTask(task, instance)
  expect(await describeIt()).toEqual(stopped)
  expect(await stop()).toEqual(stopped)
  expect(await runAgain()).toEqual(stopped)
})
