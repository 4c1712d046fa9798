import { describe, expect, it } from 'vitest'
import { arn, refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { described, ready, register, report, run, setConnected } = taskCalls(berth)

/** A task whose container runs, and whose host says that commands can be executed in it. */
const running = async (change: object = { enableExecuteCommand: true }) => {
  const task = await run(change)
  const managedAgents = [
    { containerName: 'web', managedAgentName: 'ExecuteCommandAgent' as const, status: 'RUNNING' },
  ]
  await report(task, 'RUNNING', {}, { managedAgents })
  return task
}
const execute = (change: object) =>
  berth.ecs.executeCommand({ task: '', command: '/bin/sh', interactive: true, ...change })

describe('ExecuteCommand', () => {
  it('opens a session for one command in a container', async () => {
    await ready()
    const task = await running()
    const answer = await execute({ cluster: 'default', task: task.taskArn, container: 'web' })
    expect(answer).toMatchObject({
      clusterArn: arn('cluster/default'),
      taskArn: task.taskArn,
      containerArn: task.containers?.[0]?.containerArn,
      containerName: 'web',
      interactive: true,
      session: {
        sessionId: expect.stringMatching(/^ecs-execute-command-[0-9a-f]{18}$/),
        tokenValue: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    })
    const { streamUrl, sessionId } = answer.session ?? {}
    expect(streamUrl).toMatch(new RegExp(`^ws://.+/v1/data-channel/${sessionId}\\?role=publish_subscribe$`))
  })

  it('takes the only container of a task where none is named', async () => {
    await ready()
    const task = await running()
    expect((await execute({ task: task.taskArn?.slice(-32) })).containerName).toBe('web')
    await register({
      family: 'two',
      containerDefinitions: [
        { name: 'web', image: 'web:1', memory: 64 },
        { name: 'side', image: 'side:1', memory: 64 },
      ],
    })
    const two = await running({ taskDefinition: 'two', enableExecuteCommand: true })
    expect((await refusal(execute({ task: two.taskArn })))[0]).toBe('InvalidParameterException')
    expect(await refusal(execute({ task: two.taskArn, container: 'other' }))).toEqual([
      'InvalidParameterException',
      'The container other was not found in the task.',
    ])
  })

  it('refuses what is not interactive, an empty command, and what is not there', async () => {
    await ready()
    const { taskArn: task } = await running()
    expect((await refusal(execute({ task, interactive: false })))[0]).toBe('InvalidParameterException')
    expect((await refusal(execute({ task, command: ' ' })))[0]).toBe('InvalidParameterException')
    expect(await refusal(execute({ task, command: 'x'.repeat(10_001) }))).toEqual([
      'InvalidParameterException',
      'Command can have at most 10000 characters.',
    ])
    expect((await refusal(execute({ task: '0'.repeat(32) })))[0]).toBe('InvalidParameterException')
    expect((await refusal(execute({ task, cluster: 'other' })))[0]).toBe('ClusterNotFoundException')
    expect((await refusal(berth.nobody.executeCommand({ task, command: 'sh', interactive: true })))[0]).toBe(
      'AccessDeniedException',
    )
  })

  it('is refused for a task that did not enable it', async () => {
    await ready()
    const { taskArn } = await running({})
    expect(await refusal(execute({ task: taskArn }))).toEqual([
      'InvalidParameterException',
      expect.stringContaining('execute command was not enabled when the task was run'),
    ])
  })

  it('finds no target where the managed agent does not run, or its host is away', async () => {
    const instance = await ready()
    const waiting = await run({ enableExecuteCommand: true })
    expect((await refusal(execute({ task: waiting.taskArn })))[0]).toBe('TargetNotConnectedException')
    const { taskArn: task } = await running()
    setConnected(instance, false)
    expect((await refusal(execute({ task })))[0]).toBe('TargetNotConnectedException')
  })
})

it('shows the managed agent of each container as its host reports it', async () => {
  await ready()
  const task = await run({ enableExecuteCommand: true })
  const shown = async () => (await described(task)).containers?.[0]?.managedAgents
  const says = (status: string, reason?: string) =>
    berth.ecs.submitTaskStateChange({
      task: task.taskArn,
      managedAgents: [
        { containerName: 'web', managedAgentName: 'ExecuteCommandAgent', status, ...(reason && { reason }) },
      ],
    })
  expect(await shown()).toEqual([{ name: 'ExecuteCommandAgent', lastStatus: 'PENDING' }])
  await says('RUNNING')
  const lastStartedAt = new Date(berth.clock.now())
  expect(await shown()).toEqual([{ name: 'ExecuteCommandAgent', lastStatus: 'RUNNING', lastStartedAt }])
  await says('STOPPED', 'it failed')
  expect(await shown()).toEqual([
    { name: 'ExecuteCommandAgent', lastStatus: 'STOPPED', lastStartedAt, reason: 'it failed' },
  ])
})
