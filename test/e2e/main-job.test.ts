import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  type Task,
} from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { busybox, makeBusyboxImage } from './busybox.ts'

describe("the main job, with Debian's own aws", () => {
  let berth: Berth
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start()
  })
  afterAll(() => berth?.stop())

  const register = async (family: string, container: Record<string, unknown>): Promise<string> => {
    const file = join(berth.dataDir, `${randomUUID()}.json`)
    writeFileSync(
      file,
      JSON.stringify({
        family,
        containerDefinitions: [{ name: 'main', image: busybox, memory: 16, cpu: 10, ...container }],
      }),
    )
    const { taskDefinition } = await berth.awsJson<{ taskDefinition: { taskDefinitionArn: string } }>(
      'ecs',
      'register-task-definition',
      '--cli-input-json',
      `file://${file}`,
    )
    return taskDefinition.taskDefinitionArn
  }
  const serviceTasks = async (serviceName: string): Promise<Task[]> => {
    const { taskArns = [] } = await berth.ecs.send(new ListTasksCommand({ serviceName }))
    if (taskArns.length === 0) return []
    return (await berth.ecs.send(new DescribeTasksCommand({ tasks: taskArns }))).tasks ?? []
  }

  it('runs a task, shows its logs, and stops it', async () => {
    await register('talker', {
      command: [
        'sh',
        '-c',
        'echo one; echo two; trap "echo bye; exit 3" TERM; while true; do sleep 0.1; done',
      ],
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': '/e2e/talker',
          'awslogs-create-group': 'true',
          'awslogs-region': 'us-east-1',
          'awslogs-stream-prefix': 'e2e',
        },
      },
    })
    const { tasks, failures } = await berth.awsJson<{ tasks: Task[]; failures: unknown[] }>(
      ...['ecs', 'run-task', '--task-definition', 'talker', '--launch-type', 'EC2'],
    )
    expect(failures).toEqual([])
    const taskArn = tasks[0]?.taskArn ?? ''
    await berth.aws('ecs', 'wait', 'tasks-running', '--tasks', taskArn)
    const stream = `e2e/main/${taskArn.split('/').at(-1)}`
    const messages = async (): Promise<string[]> => {
      const { events } = await berth.awsJson<{ events: { message: string }[] }>(
        ...[
          'logs',
          'get-log-events',
          '--log-group-name',
          '/e2e/talker',
          '--log-stream-name',
          stream,
          '--start-from-head',
        ],
      )
      return events.map(({ message }) => message)
    }
    await eventually('the first lines are in the logs', async () => {
      const lines = await messages().catch(() => [])
      return lines.length >= 2 && lines
    })
    expect(await berth.aws('logs', 'tail', '/e2e/talker')).toContain('two')
    await berth.aws('ecs', 'stop-task', '--task', taskArn, '--reason', 'enough')
    await berth.aws('ecs', 'wait', 'tasks-stopped', '--tasks', taskArn)
    const { tasks: stopped } = await berth.awsJson<{ tasks: Task[] }>(
      'ecs',
      'describe-tasks',
      '--tasks',
      taskArn,
    )
    expect(stopped[0]).toMatchObject({
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      stopCode: 'UserInitiated',
      stoppedReason: 'enough',
      containers: [{ name: 'main', lastStatus: 'STOPPED', exitCode: 3 }],
    })
    await eventually('the last line is in the logs', async () => (await messages()).at(-1) === 'bye')
    expect(await messages()).toEqual(['one', 'two', 'bye'])
  })

  it('keeps a service at its count, rolls it to a new revision, and deletes it', async () => {
    const loop = { command: ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 0.1; done'] }
    const first = await register('web', loop)
    await berth.aws(
      'ecs',
      'create-service',
      '--service-name',
      'web',
      '--task-definition',
      'web',
      '--desired-count',
      '3',
    )
    await berth.aws('ecs', 'wait', 'services-stable', '--services', 'web')
    const before = await serviceTasks('web')
    expect(before.map(task => task.lastStatus)).toEqual(['RUNNING', 'RUNNING', 'RUNNING'])

    const victim = before[0]
    await docker('kill', victim?.containers?.[0]?.runtimeId ?? '')
    await eventually(
      'the killed task is replaced',
      async () => {
        const tasks = (await serviceTasks('web')).filter(task => task.lastStatus === 'RUNNING')
        return tasks.length === 3 && tasks.every(task => task.taskArn !== victim?.taskArn)
      },
      10_000,
    )

    const second = await register('web', { ...loop, environment: [{ name: 'VERSION', value: '2' }] })
    expect(second).not.toBe(first)
    await berth.aws('ecs', 'update-service', '--service', 'web', '--task-definition', 'web')
    await berth.aws('ecs', 'wait', 'services-stable', '--services', 'web')
    expect((await serviceTasks('web')).map(task => task.taskDefinitionArn)).toEqual([second, second, second])
    const { services } = await berth.ecs.send(new DescribeServicesCommand({ services: ['web'] }))
    expect(services?.[0]?.deployments).toHaveLength(1)
    expect(services?.[0]?.events?.[0]?.message).toBe('(service web) has reached a steady state.')

    await berth.aws('ecs', 'delete-service', '--service', 'web', '--force')
    await berth.aws('ecs', 'wait', 'services-inactive', '--services', 'web')
    expect(await serviceTasks('web')).toEqual([])
  })
})
