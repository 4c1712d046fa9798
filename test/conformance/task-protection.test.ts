import type { Task } from '@aws-sdk/client-ecs'
import { expect, it } from 'vitest'
import { refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { register, ready, report } = taskCalls(berth)
const cluster = 'default'
const minuteMs = 60_000

const tasksOf = async (desiredStatus: 'RUNNING' | 'STOPPED' = 'RUNNING'): Promise<Task[]> => {
  const { taskArns = [] } = await berth.ecs.listTasks({ serviceName: 'web', desiredStatus })
  if (taskArns.length === 0) return []
  return (await berth.ecs.describeTasks({ tasks: taskArns })).tasks ?? []
}

/** A service whose tasks run, and are healthy. */
const service = async (desiredCount: number): Promise<string[]> => {
  await ready()
  await register({ family: 'web' })
  await berth.ecs.createService({ serviceName: 'web', taskDefinition: 'web', desiredCount })
  await goOn()
  return (await tasksOf()).map(({ taskArn = '' }) => taskArn)
}

const nextRevision = async (): Promise<string> => {
  await register({ family: 'web' })
  const { taskDefinition } = await berth.ecs.describeTaskDefinition({ taskDefinition: 'web' })
  return taskDefinition?.taskDefinitionArn ?? ''
}

/** The host does what it was told, and time passes until its tasks count as healthy. */
const goOn = async (): Promise<void> => {
  for (let round = 0; round < 5; round++) {
    berth.settle()
    for (const task of await tasksOf('STOPPED'))
      if (task.lastStatus !== 'STOPPED') await report(task, 'STOPPED', { exitCode: 0 })
    for (const task of await tasksOf()) if (task.lastStatus === 'PENDING') await report(task, 'RUNNING')
    berth.advance(3_000)
  }
}

const protect = (tasks: string[], change: { expiresInMinutes?: number; protectionEnabled?: boolean } = {}) =>
  berth.ecs.updateTaskProtection({ cluster, tasks, protectionEnabled: true, ...change })

it('a task is protected for two hours, or for as long as it asks for, and shows until when', async () => {
  const [arn = ''] = await service(1)
  const now = () => berth.clock.now()
  expect((await protect([arn])).protectedTasks).toEqual([
    { taskArn: arn, protectionEnabled: true, expirationDate: new Date(now() + 120 * minuteMs) },
  ])
  await protect([arn], { expiresInMinutes: 1 })
  const { protectedTasks } = await berth.ecs.getTaskProtection({ cluster, tasks: [arn] })
  expect(protectedTasks).toEqual([
    { taskArn: arn, protectionEnabled: true, expirationDate: new Date(now() + minuteMs) },
  ])
  berth.advance(minuteMs)
  expect((await berth.ecs.getTaskProtection({ cluster, tasks: [arn] })).protectedTasks).toEqual([
    { taskArn: arn, protectionEnabled: false },
  ])
  expect((await protect([arn], { protectionEnabled: false })).protectedTasks).toEqual([
    { taskArn: arn, protectionEnabled: false },
  ])
})

it('scale-in stops the others, and the protected task once its time is over', async () => {
  const arns = await service(3)
  const kept = arns[2] ?? ''
  await protect([kept], { expiresInMinutes: 10 })
  await berth.ecs.updateService({ service: 'web', desiredCount: 0 })
  await goOn()
  expect((await tasksOf()).map(({ taskArn }) => taskArn)).toEqual([kept])
  berth.advance(10 * minuteMs)
  await goOn()
  expect(await tasksOf()).toEqual([])
})

it('a deployment waits for a protected task, and ends when it gives its protection up', async () => {
  const [kept = ''] = await service(2)
  await protect([kept])
  const next = await nextRevision()
  await berth.ecs.updateService({ service: 'web', taskDefinition: next })
  await goOn()
  const old = (await tasksOf()).filter(({ taskDefinitionArn }) => taskDefinitionArn !== next)
  expect(old.map(({ taskArn }) => taskArn)).toEqual([kept])
  await protect([kept], { protectionEnabled: false })
  await goOn()
  expect((await tasksOf()).every(({ taskDefinitionArn }) => taskDefinitionArn === next)).toBe(true)
})

it('a deployment that protected tasks hold up takes no more of them', async () => {
  const [first = '', second = ''] = await service(2)
  await berth.ecs.updateService({
    service: 'web',
    deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 0 },
    availabilityZoneRebalancing: 'DISABLED',
  })
  await protect([first, second])
  await berth.ecs.updateService({ service: 'web', taskDefinition: await nextRevision() })
  await goOn()
  expect((await protect([first])).failures).toEqual([{ arn: first, reason: 'DEPLOYMENT_BLOCKED' }])
})

it('a protected task is stopped by who asks for it by name, and with its service', async () => {
  const [first = '', second = ''] = await service(2)
  await protect([first, second])
  await berth.ecs.stopTask({ task: first })
  expect((await tasksOf()).map(({ taskArn }) => taskArn)).not.toContain(first)
  await berth.ecs.deleteService({ service: 'web', force: true })
  await goOn()
  expect(await tasksOf()).toEqual([])
})

it('tasks of no service cannot be protected, and those that do not exist are named', async () => {
  await ready()
  await register({ family: 'web' })
  const { tasks } = await berth.ecs.runTask({ taskDefinition: 'web' })
  const arn = tasks?.[0]?.taskArn ?? ''
  const unknown = arn.replace(/.{32}$/, 'f'.repeat(32))
  const failures = [
    { arn, reason: 'TASK_NOT_VALID' },
    { arn: unknown, reason: 'MISSING' },
  ]
  expect((await protect([arn, unknown])).failures).toEqual(failures)
  expect((await berth.ecs.getTaskProtection({ cluster, tasks: [arn, unknown] })).failures).toEqual(failures)
})

it('requests that make no sense are refused', async () => {
  const [arn = ''] = await service(1)
  for (const expiresInMinutes of [0, -1, 2_881])
    expect(await refusal(protect([arn], { expiresInMinutes }))).toEqual([
      'InvalidParameterException',
      'expiresInMinutes must be between 1 and 2880.',
    ])
  expect((await refusal(protect([])))[0]).toBe('InvalidParameterException')
  expect((await refusal(protect(Array(11).fill(arn))))[0]).toBe('InvalidParameterException')
  expect((await refusal(berth.ecs.getTaskProtection({ cluster, tasks: Array(101).fill(arn) })))[0]).toBe(
    'InvalidParameterException',
  )
  expect((await refusal(protect(['x'])))[0]).toBe('InvalidParameterException')
  const elsewhere = { cluster: 'gone', tasks: [arn.slice(-32)] }
  for (const call of [
    berth.ecs.getTaskProtection(elsewhere),
    berth.ecs.updateTaskProtection({ ...elsewhere, protectionEnabled: true }),
  ])
    expect(await refusal(call)).toEqual(['ClusterNotFoundException', 'Cluster not found.'])
})
