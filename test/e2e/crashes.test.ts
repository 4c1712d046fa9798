import {
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { busybox, makeBusyboxImage } from './busybox.ts'

describe('crashes', () => {
  let berth: Berth
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start()
    await berth.ecs.send(
      new RegisterTaskDefinitionCommand({
        family: 'sleeper',
        containerDefinitions: [
          { name: 'main', image: busybox, memory: 16, command: ['sleep', '1000'], stopTimeout: 2 },
        ],
      }),
    )
  })
  afterAll(() => berth?.stop())

  const describeTask = async (arn: string): Promise<Task> => {
    const { tasks } = await berth.ecs.send(new DescribeTasksCommand({ tasks: [arn] }))
    if (tasks?.[0] === undefined) throw new Error(`no task ${arn}`)
    return tasks[0]
  }
  const runTasks = async (count: number): Promise<Task[]> => {
    const { tasks = [] } = await berth.ecs.send(new RunTaskCommand({ taskDefinition: 'sleeper', count }))
    return Promise.all(
      tasks.map(({ taskArn = '' }) =>
        eventually(`${taskArn} is RUNNING`, async () => {
          const task = await describeTask(taskArn)
          return task.lastStatus === 'RUNNING' && task
        }),
      ),
    )
  }
  const idOf = (task: Task | undefined): string => task?.containers?.[0]?.runtimeId ?? 'no container'

  it('adopts its containers after kill -9 of the agent, and reports what ended meanwhile', async () => {
    const [survivor, casualty] = await runTasks(2)
    await berth.killAgent()
    await docker('kill', idOf(casualty))
    expect(await docker('inspect', '-f', '{{.State.Running}}', idOf(survivor))).toBe('true')
    await berth.startAgent()
    const stopped = await eventually('the task that ended is STOPPED', async () => {
      const task = await describeTask(casualty?.taskArn ?? '')
      return task.lastStatus === 'STOPPED' && task
    })
    expect(stopped).toMatchObject({ stopCode: 'EssentialContainerExited', containers: [{ exitCode: 137 }] })
    const adopted = await describeTask(survivor?.taskArn ?? '')
    expect(adopted.lastStatus).toBe('RUNNING')
    expect(idOf(adopted)).toBe(idOf(survivor))
  })

  it('goes on where it was after kill -9 of the server', async () => {
    const [task] = await runTasks(1)
    await berth.killServer()
    await docker('kill', idOf(task))
    await berth.startServer()
    await berth.agentConnected()
    await eventually('the container that ended while no server ran is reported', async () => {
      const { lastStatus } = await describeTask(task?.taskArn ?? '')
      return lastStatus === 'STOPPED'
    })
  })
})
