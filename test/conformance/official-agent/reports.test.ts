/** What the agent reports of a task on its way, in the orders that may occur, and what becomes of the task. */
import { describe, expect, it } from 'vitest'
import { container, taskCalls, useWorld } from './world.ts'

const world = useWorld()
const { define, run, defineAndRun, described } = taskCalls(world)

const digest = `sha256:${'a'.repeat(64)}`
const binding = { bindIP: '0.0.0.0', hostPort: 32768, containerPort: 80, protocol: 'tcp' }

const running = async (change: Parameters<typeof defineAndRun>[0] = {}): Promise<string> => {
  await world.agent.join()
  const task = await defineAndRun(change)
  await world.agent.report(task, {
    status: 'RUNNING',
    containers: [{ containerName: 'web', runtimeId: 'r', status: 'RUNNING', networkBindings: [binding] }],
  })
  return task
}

it('the digests of images come first, with a task that is PENDING', async () => {
  await world.agent.join()
  const task = await defineAndRun()
  const containers = [{ containerName: 'web', imageDigest: digest, status: 'PENDING' }]
  await world.agent.report(task, { status: 'PENDING', containers })
  expect(await described(task)).toMatchObject({
    lastStatus: 'PENDING',
    containers: [{ imageDigest: digest, lastStatus: 'PENDING' }],
  })
})

it('all containers up: the task is RUNNING, with runtime ids and bindings, ranges among them', async () => {
  await world.agent.join()
  const task = await defineAndRun()
  const range = {
    bindIP: '0.0.0.0',
    containerPortRange: '90-92',
    hostPortRange: '40000-40002',
    protocol: 'udp',
  }
  await world.agent.report(task, {
    status: 'RUNNING',
    containers: [
      {
        containerName: 'web',
        runtimeId: 'r',
        status: 'RUNNING',
        networkBindings: [binding, range],
        imageDigest: digest,
      },
    ],
  })
  expect(await described(task)).toMatchObject({
    lastStatus: 'RUNNING',
    containers: [{ runtimeId: 'r', networkBindings: [binding, range] }],
  })
})

it('two states of one container in one report are taken in order', async () => {
  const task = await running()
  await world.agent.report(task, {
    status: 'STOPPED',
    containers: [
      { containerName: 'web', status: 'RUNNING' },
      { containerName: 'web', status: 'STOPPED', exitCode: 2 },
    ],
  })
  expect((await described(task))?.containers).toMatchObject([{ lastStatus: 'STOPPED', exitCode: 2 }])
})

it('a container that changes between transitions of its task comes without a status of the task', async () => {
  const side = { ...container, name: 'side', essential: false }
  const task = await running({ containerDefinitions: [container, side] })
  await world.agent.report(task, { containers: [{ containerName: 'side', status: 'STOPPED', exitCode: 0 }] })
  const { lastStatus, containers = [] } = (await described(task)) ?? {}
  expect(lastStatus).toBe('RUNNING')
  expect(containers.find(({ name }) => name === 'side')).toMatchObject({ lastStatus: 'STOPPED', exitCode: 0 })
})

describe('an end', () => {
  it('of an essential container is the end of the task, with its exit code and time', async () => {
    const task = await running()
    await world.agent.report(task, {
      status: 'STOPPED',
      executionStoppedAt: 1_790_000_002.25,
      containers: [{ containerName: 'web', status: 'STOPPED', exitCode: 137 }],
    })
    expect(await described(task)).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      executionStoppedAt: new Date(1_790_000_002_250),
      containers: [{ exitCode: 137 }],
    })
  })

  it.each([
    'CannotPullContainerError: pull access denied',
    'CannotPullImageManifestError: no such host',
    'CannotStartContainerError: exec: not found',
    'CannotCreateContainerError: no such volume',
    'ResourceInitializationError: unable to pull secrets',
  ])('before the start, with a reason of the container alone: %s', async reason => {
    await world.agent.join()
    const task = await defineAndRun()
    const containers = [{ containerName: 'web', status: 'STOPPED', reason }]
    await world.agent.report(task, { status: 'STOPPED', containers })
    expect(await described(task)).toMatchObject({ stopCode: 'TaskFailedToStart', stoppedReason: reason })
  })

  it('of dependencies that cannot be resolved has the reason of the task', async () => {
    await world.agent.join()
    const task = await defineAndRun()
    const reason = `Task dependencies cannot be resolved, taskArn: ${task}`
    await world.agent.report(task, { status: 'STOPPED', reason })
    expect((await described(task))?.stoppedReason).toBe(reason)
  })

  it('overtakes RUNNING: the task stays STOPPED', async () => {
    await world.agent.join()
    const task = await defineAndRun()
    const stopped = [{ containerName: 'web', status: 'STOPPED', exitCode: 1 }]
    await world.agent.report(task, { status: 'STOPPED', containers: stopped })
    await world.agent.report(task, {
      status: 'RUNNING',
      containers: [{ containerName: 'web', status: 'RUNNING' }],
    })
    expect(await described(task)).toMatchObject({
      lastStatus: 'STOPPED',
      containers: [{ lastStatus: 'STOPPED' }],
    })
  })

  it.each(['container', 'task'] as const)('is told of the %s first, and then of the other', async first => {
    const task = await running()
    const ofContainer = { containers: [{ containerName: 'web', status: 'STOPPED', exitCode: 0 }] }
    const ofTask = { status: 'STOPPED' }
    for (const change of first === 'container' ? [ofContainer, ofTask] : [ofTask, ofContainer])
      expect((await world.agent.report(task, change)).status).toBe(200)
    expect(await described(task)).toMatchObject({
      lastStatus: 'STOPPED',
      containers: [{ lastStatus: 'STOPPED' }],
    })
  })

  it('of a task that waits in the agent’s own queue comes at once when it is to stop', async () => {
    const { acs } = await world.agent.join()
    const task = await defineAndRun()
    world.agent.acknowledge(acs, await acs.next('PayloadMessage'))
    await world.server.ecs.stopTask({ task, reason: 'no room' })
    await acs.next('PayloadMessage')
    await world.agent.report(task, { status: 'STOPPED' })
    expect(await described(task)).toMatchObject({ lastStatus: 'STOPPED', stopCode: 'UserInitiated' })
  })
})

it('texts at their limits are taken', async () => {
  const task = await running()
  const reason = 'x'.repeat(1024)
  const containers = [{ containerName: 'web', status: 'STOPPED', exitCode: 1, reason }]
  await world.agent.report(task, { status: 'STOPPED', reason, containers })
  expect(await described(task)).toMatchObject({ stoppedReason: reason, containers: [{ reason }] })
})

it('reports of a managed agent make its status, with the reason', async () => {
  await world.agent.join()
  await define()
  const [task = ''] = await run({ enableExecuteCommand: true })
  const managed = { containerName: 'web', managedAgentName: 'ExecuteCommandAgent' }
  const managedAgents = [{ ...managed, status: 'STOPPED', reason: 'Initialization failed' }]
  await world.agent.report(task, { status: 'RUNNING', managedAgents })
  expect((await described(task))?.containers?.[0]?.managedAgents).toMatchObject([
    { name: 'ExecuteCommandAgent', lastStatus: 'STOPPED', reason: 'Initialization failed' },
  ])
})

it('an attachment that the server never made is taken without harm, in a report without a status', async () => {
  const task = await running()
  const attachments = [
    { attachmentArn: 'arn:aws:ecs:us-east-1:000000000000:attachment/1', status: 'ATTACHED' },
  ]
  expect((await world.agent.report(task, { attachments })).status).toBe(200)
  expect((await described(task))?.lastStatus).toBe('RUNNING')
})
