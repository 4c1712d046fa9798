import type { Task } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { arn, refusal, startedAt, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { setConnected, register, ready, run, report, described } = taskCalls(berth)

describe('a task', () => {
  it('becomes what its host reports, and stays so for an hour after its end', async () => {
    await ready()
    const task = await run({ startedBy: 'me' })
    berth.advance(1000)
    const networkBindings = [{ bindIP: '0.0.0.0', containerPort: 80, hostPort: 49153, protocol: 'tcp' }]
    await report(
      task,
      'RUNNING',
      { runtimeId: 'docker-id', imageDigest: 'sha256:1', networkBindings },
      { pullStartedAt: new Date(1000), pullStoppedAt: new Date(2000) },
    )
    const running = await described(task)
    expect(running).toMatchObject({
      lastStatus: 'RUNNING',
      startedAt: new Date(startedAt.getTime() + 1000),
      pullStartedAt: new Date(1000),
      pullStoppedAt: new Date(2000),
      connectivity: 'CONNECTED',
      connectivityAt: new Date(startedAt.getTime() + 1000),
      version: 2,
    })
    expect(running.containers?.[0]).toMatchObject({
      lastStatus: 'RUNNING',
      runtimeId: 'docker-id',
      imageDigest: 'sha256:1',
      networkBindings,
    })
    berth.advance(1000)
    await report(task, 'STOPPED', { exitCode: 3, reason: 'why' }, { executionStoppedAt: new Date(3000) })
    const ended = new Date(startedAt.getTime() + 2000)
    const stopped = await described(task)
    expect(stopped).toMatchObject({
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      stoppingAt: ended,
      stoppedAt: ended,
      executionStoppedAt: new Date(3000),
    })
    expect(stopped.containers?.[0]).toMatchObject({ exitCode: 3, reason: 'why', lastStatus: 'STOPPED' })
    berth.advance(3_599_000)
    expect(await described(task)).toMatchObject({ lastStatus: 'STOPPED' })
    berth.advance(120_000)
    const later = await berth.ecs.describeTasks({ tasks: [task.taskArn!] })
    expect(later).toMatchObject({ tasks: [], failures: [{ arn: task.taskArn, reason: 'MISSING' }] })
  })

  it('is STOPPED when its host is lost', async () => {
    const instance = await ready()
    const task = await run()
    await report(task, 'RUNNING')
    berth.advance(60_000)
    setConnected(instance, false)
    berth.advance(9_000)
    expect(await described(task)).toMatchObject({ lastStatus: 'RUNNING' })
    berth.advance(1_000)
    expect(await described(task)).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'TerminationNotice',
      stoppedReason: expect.stringMatching(/^Host EC2 \(instance mi-[0-9a-f]+\) terminated\.$/),
    })
  })
})

describe('StopTask', () => {
  it('asks the host to stop it, and tells its reason', async () => {
    await ready()
    const task = await run({ tags: [{ key: 'a', value: 'b' }] })
    await report(task, 'RUNNING')
    berth.advance(1000)
    const { task: stopping } = await berth.ecs.stopTask({
      cluster: 'default',
      task: task.taskArn!,
      reason: 'enough',
    })
    expect(stopping).toEqual({
      ...(await described(task, 'TAGS')),
      desiredStatus: 'STOPPED',
      lastStatus: 'RUNNING',
      stopCode: 'UserInitiated',
      stoppedReason: 'enough',
      stoppingAt: new Date(startedAt.getTime() + 1000),
    })
    await report(task, 'STOPPED', { exitCode: 137 })
    expect(await described(task)).toMatchObject({ lastStatus: 'STOPPED', stoppedReason: 'enough' })
  })

  it('refuses with the errors of ECS', async () => {
    const task = 'f'.repeat(32)
    const call = (change: object = {}) => refusal(berth.ecs.stopTask({ task, ...change }))
    await expect(call()).resolves.toEqual(['ClusterNotFoundException', 'Cluster not found.'])
    await ready()
    await expect(call()).resolves.toEqual(['InvalidParameterException', 'The referenced task was not found.'])
    await expect(refusal(berth.nobody.stopTask({ task }))).resolves.toMatchObject([
      'AccessDeniedException',
      expect.anything(),
    ])
  })
})

describe('DescribeTasks', () => {
  it('shows tags when asked for them, and what is MISSING', async () => {
    await ready()
    const task = await run({ tags: [{ key: 'a', value: 'b' }] })
    expect(await described(task, 'TAGS')).toEqual(task)
    expect(await described(task)).toEqual({ ...task, tags: [] })
    const missing = arn(`task/default/${'0'.repeat(32)}`)
    const { tasks, failures } = await berth.ecs.describeTasks({ tasks: ['0'.repeat(32)] })
    expect([tasks, failures]).toEqual([[], [{ arn: missing, reason: 'MISSING' }]])
  })

  it('refuses with the errors of ECS', async () => {
    const call = (tasks: string[]) => refusal(berth.ecs.describeTasks({ tasks }))
    await expect(call(['f'.repeat(32)])).resolves.toEqual(['ClusterNotFoundException', 'Cluster not found.'])
    await ready()
    await expect(call([])).resolves.toEqual(['InvalidParameterException', 'Tasks cannot be empty.'])
    await expect(call(['short'])).resolves.toEqual([
      'InvalidParameterException',
      'taskId length should be one of [32,36]',
    ])
    await expect(refusal(berth.nobody.describeTasks({ tasks: ['f'.repeat(32)] }))).resolves.toMatchObject([
      'AccessDeniedException',
      expect.anything(),
    ])
  })
})

describe('ListTasks', () => {
  it('filters, and pages in the order of ids', async () => {
    const instance = await ready()
    await register({ family: 'db' })
    const web = [await run({ startedBy: 'me' }), await run(), await run({ launchType: 'EXTERNAL' })]
    const db = await run({ taskDefinition: 'db' })
    await berth.ecs.stopTask({ task: web[1]!.taskArn! })
    const list = async (change: object = {}) =>
      (await berth.ecs.listTasks({ cluster: 'default', ...change })).taskArns
    const arns = (...tasks: Task[]) => tasks.map(task => task.taskArn)
    expect(await list()).toEqual(arns(web[0]!, web[2]!, db))
    expect(await list({ desiredStatus: 'STOPPED' })).toEqual(arns(web[1]!))
    expect(await list({ desiredStatus: 'PENDING' })).toEqual([])
    expect(await list({ family: 'web' })).toEqual(arns(web[0]!, web[2]!))
    expect(await list({ startedBy: 'me' })).toEqual(arns(web[0]!))
    expect(await list({ launchType: 'EXTERNAL' })).toEqual(arns(web[2]!))
    expect(await list({ containerInstance: instance, family: 'db' })).toEqual(arns(db))
    const first = await berth.ecs.listTasks({ maxResults: 2 })
    expect(first.taskArns).toEqual(arns(web[0]!, web[2]!))
    const second = await berth.ecs.listTasks({ maxResults: 2, nextToken: first.nextToken })
    expect([second.taskArns, second.nextToken]).toEqual([arns(db), undefined])
  })

  it("lists a service's tasks", async () => {
    await ready()
    const { service } = await berth.ecs.createService({
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 2,
    })
    berth.settle()
    const { taskArns } = await berth.ecs.listTasks({ serviceName: service!.serviceName })
    expect(taskArns?.length).toBe(2)
    const { tasks } = await berth.ecs.describeTasks({ tasks: taskArns! })
    expect(tasks?.map(task => task.group)).toEqual(['service:web', 'service:web'])
  })

  it('refuses with the errors of ECS', async () => {
    const call = (change: object = {}) => refusal(berth.ecs.listTasks(change))
    await expect(call()).resolves.toEqual(['ClusterNotFoundException', 'Cluster not found.'])
    await ready()
    await expect(call({ serviceName: 'no' })).resolves.toEqual([
      'ServiceNotFoundException',
      'Service not found.',
    ])
    await expect(call({ startedBy: 'me', family: 'web' })).resolves.toEqual([
      'InvalidParameterException',
      'startedBy must be the only filter.',
    ])
    await expect(call({ nextToken: 'none' })).resolves.toEqual([
      'InvalidParameterException',
      'Invalid nextToken.',
    ])
    await expect(refusal(berth.nobody.listTasks({}))).resolves.toMatchObject([
      'AccessDeniedException',
      expect.anything(),
    ])
  })
})
