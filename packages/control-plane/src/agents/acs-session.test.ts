import { expect, test } from 'vitest'
import { given, instanceArn, start } from '../services/ecs/fixtures/rows.ts'
import { containerInstances, tasks } from '../services/ecs/tables/index.ts'
import { openGateway, settle } from './gateway-fixture.ts'

const taskRows = (count: number) => Array.from({ length: count }, (_, index) => given.task(index + 1))
const arnOf = (number: number): string => given.task(number).id

test('A new session begins with the incarnation, a manifest, and every task that is not final', async () => {
  const stopped = given.task(3, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' })
  const stopping = given.task(2, { desiredStatus: 'STOPPED', lastStatus: 'RUNNING' })
  const { connect } = await openGateway({ tasks: [given.task(1), stopping, stopped] })
  const agent = connect()
  await settle()
  expect(agent.frames.map(({ type }) => type)).toEqual([
    'BerthSessionMessage',
    'TaskManifestMessage',
    'PayloadMessage',
  ])
  expect(agent.frames[0]?.message).toEqual({
    incarnation: 'incarnation-1',
    heartbeatIntervalMs: 2000,
    serverHeartbeatIntervalMs: 2000,
  })
  expect(agent.manifests[0]?.tasks.map(({ taskArn, desiredStatus }) => [taskArn, desiredStatus])).toEqual([
    [arnOf(1), 'RUNNING'],
    [arnOf(2), 'STOPPED'],
  ])
  expect(agent.told).toEqual(['RUNNING 1', 'STOPPED 2'])
})

test('Payloads carry ten tasks at most, and no more than the window of them is on its way', async () => {
  const { connect } = await openGateway({ tasks: taskRows(72) })
  const agent = connect()
  await settle()
  expect(agent.payloads.map(payload => payload.tasks.length)).toEqual([10, 10, 10, 10, 10])
  const [first] = agent.payloads
  agent.acknowledges(first!)
  await settle()
  expect(agent.payloads.map(payload => payload.tasks.length)).toEqual([10, 10, 10, 10, 10, 10])
  for (const payload of agent.payloads.slice(1)) agent.acknowledges(payload)
  await settle()
  expect(agent.told).toHaveLength(72)
})

test('The numbers of payloads and manifests only grow, and start above those of an earlier epoch', async () => {
  const { connect, clock } = await openGateway({ tasks: taskRows(12) })
  const agent = connect({ kind: 'ecs' })
  await settle()
  clock.advance(60_000)
  await settle()
  const numbers = [...agent.frames]
    .map(({ message }) => message as { seqNum?: number; timeline?: number })
    .flatMap(({ seqNum, timeline }) => seqNum ?? timeline ?? [])
  expect(numbers.length).toBeGreaterThan(3)
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  expect(new Set(numbers).size).toBe(numbers.length)
  expect(numbers[0]).toBeGreaterThan(3 * 2 ** 32)
})

test('Nothing leaves before the commit that it depends on is durable', async () => {
  const gate = Promise.withResolvers<void>()
  const { connect, store } = await openGateway({}, { durable: () => gate.promise })
  const agent = connect()
  store.update(tx => tx.put(tasks, given.task(1)))
  await settle()
  agent.says('BerthStateChanges', {
    messageId: 'm1',
    changes: [{ taskArn: arnOf(1), status: 'RUNNING', containers: [] }],
  })
  await settle()
  expect(agent.frames.map(({ type }) => type)).toEqual(['BerthSessionMessage'])
  gate.resolve()
  await settle()
  expect(agent.told).toEqual(['RUNNING 1'])
  expect(agent.heard('BerthStateChangesAck')).toEqual([{ messageId: 'm1' }])
})

test('A change of what is wanted is sent; a report is not sent back', async () => {
  const { connect, store } = await openGateway({ tasks: [given.task(1)] })
  const agent = connect()
  await settle()
  agent.forget()
  agent.says('BerthStateChanges', {
    messageId: 'm1',
    changes: [
      { taskArn: arnOf(1), status: 'RUNNING', containers: [{ containerName: 'web', status: 'RUNNING' }] },
    ],
  })
  await settle()
  expect(agent.told).toEqual([])
  store.update(tx => tx.put(tasks, { ...tx.get(tasks, arnOf(1))!, desiredStatus: 'STOPPED' }))
  await settle()
  expect(agent.told).toEqual(['STOPPED 1'])
})

test('A payload that is not acknowledged is sent again with what the rows say by then', async () => {
  const { connect, store, clock } = await openGateway({ tasks: taskRows(2) })
  const agent = connect()
  await settle()
  agent.forget()
  store.update(tx =>
    tx.put(tasks, { ...tx.get(tasks, arnOf(2))!, lastStatus: 'STOPPED', desiredStatus: 'STOPPED' }),
  )
  for (let second = 0; second < 11; second++) {
    clock.advance(1_000)
    agent.says('BerthHeartbeat')
  }
  clock.advance(1_000)
  await settle()
  expect(agent.told).toEqual(['RUNNING 1'])
})

test('A late acknowledgement of a payload that was sent again counts', async () => {
  const { connect, clock } = await openGateway({ tasks: taskRows(1) })
  const agent = connect()
  await settle()
  const [first] = agent.payloads
  clock.advance(5_000)
  agent.says('BerthHeartbeat')
  clock.advance(6_000)
  await settle()
  expect(agent.told).toEqual(['RUNNING 1', 'RUNNING 1'])
  agent.acknowledges(first!)
  for (let second = 0; second < 60; second++) {
    clock.advance(1_000)
    agent.says('BerthHeartbeat')
  }
  await settle()
  expect(agent.told).toEqual(['RUNNING 1', 'RUNNING 1'])
})

test('The acknowledgement of what a task was told earlier does not count for what it was told since', async () => {
  const { connect, clock, store } = await openGateway({ tasks: taskRows(1) })
  const agent = connect()
  await settle()
  store.update(tx => tx.put(tasks, { ...tx.get(tasks, arnOf(1))!, desiredStatus: 'STOPPED' }))
  await settle()
  agent.acknowledges(agent.payloads[0]!)
  clock.advance(5_000)
  agent.says('BerthHeartbeat')
  clock.advance(6_000)
  await settle()
  expect(agent.told).toEqual(['RUNNING 1', 'STOPPED 1', 'STOPPED 1'])
})

test('The silence of the whole agent is not held against its payloads', async () => {
  const { connect, clock, store } = await openGateway({ tasks: taskRows(1) })
  const agent = connect({ kind: 'ecs' })
  await settle()
  clock.advance(140_000)
  await settle()
  expect(agent.told).toEqual(['RUNNING 1'])
  expect(store.get(tasks, arnOf(1))?.lastStatus).toBe('PENDING')
})

test('After three sends a payload is split into single tasks, and the task that is never acknowledged is stopped', async () => {
  const { connect, clock, store, warnings } = await openGateway({ tasks: taskRows(3) })
  const agent = connect()
  const acknowledged = new Set<string>()
  for (let second = 0; second < 90; second++) {
    clock.advance(1_000)
    agent.says('BerthHeartbeat')
    for (const payload of agent.payloads) {
      // The agent chokes on every message that holds task 2.
      if (payload.tasks.some(({ arn }) => arn === arnOf(2)) || acknowledged.has(payload.messageId)) continue
      acknowledged.add(payload.messageId)
      agent.acknowledges(payload)
    }
    await settle()
  }
  const sizes = agent.payloads.map(({ tasks }) => tasks.length)
  expect(sizes).toEqual([3, 3, 3, 1, 1, 1, 1, 1])
  expect(store.get(tasks, arnOf(2))).toMatchObject({
    lastStatus: 'STOPPED',
    desiredStatus: 'STOPPED',
    stopCode: 'TaskFailedToStart',
    stoppedReason: 'The container agent did not acknowledge the task.',
  })
  expect(store.get(tasks, arnOf(1))?.lastStatus).toBe('PENDING')
  expect(warnings).toContain('A task was never acknowledged by its agent')
})

test('A task that makes its agent lose the session again and again is sent alone in the end', async () => {
  const { connect } = await openGateway({ tasks: taskRows(2) })
  const sizes: number[] = []
  for (let session = 0; session < 4; session++) {
    const agent = connect()
    await settle()
    sizes.push(agent.payloads[0]?.tasks.length ?? 0)
    agent.close(1006, '')
  }
  expect(sizes).toEqual([2, 2, 2, 1])
})

test('A task that is sent alone keeps no company, whatever else is new', async () => {
  const { connect, store } = await openGateway({ tasks: taskRows(1) })
  for (let session = 0; session < 3; session++) {
    const agent = connect()
    await settle()
    agent.close(1006, '')
  }
  store.update(tx => {
    for (const number of [2, 3]) tx.put(tasks, given.task(number))
  })
  const agent = connect()
  await settle()
  expect(agent.payloads.map(({ tasks }) => tasks.map(({ arn }) => arn))).toEqual([
    [arnOf(1)],
    [arnOf(2), arnOf(3)],
  ])
  agent.close(1006, '')
  // Behind newer tasks it still waits for a message of its own.
  store.update(tx => tx.put(tasks, given.task(0)))
  const next = connect()
  await settle()
  expect(next.payloads.map(({ tasks }) => tasks.map(({ arn }) => arn))).toEqual([
    [arnOf(0), arnOf(2), arnOf(3)],
    [arnOf(1)],
  ])
})

test('Reports that come twice or out of order change nothing', async () => {
  const { connect, store } = await openGateway({ tasks: [given.task(1)] })
  const agent = connect()
  const running = {
    taskArn: arnOf(1),
    status: 'RUNNING',
    containers: [{ containerName: 'web', status: 'RUNNING', runtimeId: 'r1' }],
  }
  const stopped = {
    taskArn: arnOf(1),
    status: 'STOPPED',
    containers: [{ containerName: 'web', status: 'STOPPED', exitCode: 3 }],
  }
  agent.says('BerthStateChanges', { messageId: 'm1', changes: [running, stopped] })
  const row = store.get(tasks, arnOf(1))
  expect(row).toMatchObject({ lastStatus: 'STOPPED', containers: [{ exitCode: 3, runtimeId: 'r1' }] })
  const { sequence } = store
  agent.says('BerthStateChanges', { messageId: 'm1', changes: [running, stopped] })
  agent.says('BerthStateChanges', { messageId: 'm2', changes: [stopped, running] })
  expect(store.get(tasks, arnOf(1))).toBe(row)
  expect(store.sequence).toBe(sequence)
  await settle()
  expect(agent.heard('BerthStateChangesAck')).toHaveLength(3)
})

test('All changes of one message are one commit', async () => {
  const { connect, store } = await openGateway({ tasks: taskRows(20) })
  const agent = connect()
  await settle()
  const before = store.sequence
  const changes = taskRows(20).map(({ id }) => ({ taskArn: id, status: 'RUNNING', containers: [] }))
  agent.says('BerthStateChanges', { messageId: 'm', changes })
  expect(store.sequence).toBe(before + 1)
})

test('Reports on tasks of another instance, and reports that make no sense, are left out and acknowledged', async () => {
  const foreign = given.task(2, { containerInstanceArn: instanceArn(2) })
  const { connect, store, warnings } = await openGateway({ tasks: [given.task(1), foreign] })
  const agent = connect()
  agent.says('BerthStateChanges', {
    messageId: 'm1',
    changes: [
      { taskArn: arnOf(2), status: 'RUNNING', containers: [] },
      { taskArn: arnOf(1), status: 'NONSENSE', containers: [] },
      { taskArn: arnOf(1), status: 'RUNNING', containers: [] },
    ],
  })
  await settle()
  expect(store.get(tasks, arnOf(2))?.lastStatus).toBe('PENDING')
  expect(store.get(tasks, arnOf(1))?.lastStatus).toBe('RUNNING')
  expect(agent.heard('BerthStateChangesAck')).toEqual([{ messageId: 'm1' }])
  expect(warnings).toHaveLength(2)
})

test('An agent that reports a task running which is STOPPED for good is told to stop it', async () => {
  const { connect } = await openGateway({
    tasks: [given.task(1, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' })],
  })
  const agent = connect()
  await settle()
  expect(agent.told).toEqual([])
  agent.says('BerthStateChanges', {
    messageId: 'm1',
    changes: [{ taskArn: arnOf(1), status: 'RUNNING', containers: [] }],
  })
  await settle()
  expect(agent.told).toEqual(['STOPPED 1'])
})

test('Of the tasks that an agent did not find in its manifest, those stop that are final or unknown', async () => {
  const stopped = given.task(2, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' })
  const { connect } = await openGateway({ tasks: [given.task(1), stopped] })
  const agent = connect({ kind: 'ecs' })
  await settle()
  const [manifest] = agent.manifests
  const candidates = [1, 2, 9].map(number => ({
    taskArn: arnOf(number),
    taskClusterArn: given.cluster.id,
    desiredStatus: 'STOPPED',
  }))
  agent.says('TaskStopVerificationMessage', { messageId: 'manifest-1', stopCandidates: candidates })
  await settle()
  expect(agent.heard('TaskStopVerificationAck')).toEqual([])
  agent.says('TaskStopVerificationMessage', { messageId: manifest?.messageId, stopCandidates: candidates })
  agent.says('TaskStopVerificationMessage', { messageId: manifest?.messageId, stopCandidates: candidates })
  await settle()
  expect(agent.heard('TaskStopVerificationAck')).toEqual([
    { messageId: manifest?.messageId, generatedAt: start, stopTasks: candidates.slice(1) },
  ])
})

test('Unknown tasks of an instance from another incarnation are let run, and told of', async () => {
  const instance = given.instance(1, { agentConnected: false, incarnation: 'incarnation-0' })
  const { connect, gateway, warnings } = await openGateway({ instances: [instance] })
  const agent = connect({ kind: 'ecs' })
  await settle()
  const candidate = { taskArn: arnOf(9), taskClusterArn: given.cluster.id, desiredStatus: 'STOPPED' }
  agent.says('TaskStopVerificationMessage', {
    messageId: agent.manifests[0]?.messageId,
    stopCandidates: [candidate],
  })
  await settle()
  expect(agent.heard('TaskStopVerificationAck')).toEqual([])
  expect(gateway.figures.foreignTasks).toBe(1)
  expect(warnings).toEqual(['An agent runs tasks of another incarnation: adopt or remove them'])
})

test('A manifest comes every minute, and names what has changed', async () => {
  const { connect, store, clock } = await openGateway({ tasks: taskRows(2) })
  const agent = connect({ kind: 'ecs' })
  await settle()
  store.update(tx =>
    tx.put(tasks, { ...tx.get(tasks, arnOf(1))!, desiredStatus: 'STOPPED', lastStatus: 'STOPPED' }),
  )
  store.update(tx => tx.put(tasks, given.task(3)))
  clock.advance(60_000)
  await settle()
  expect(agent.manifests.map(({ tasks }) => tasks.map(({ taskArn }) => taskArn))).toEqual([
    [arnOf(1), arnOf(2)],
    [arnOf(2), arnOf(3)],
  ])
})

test('An official agent gets heartbeats in time, and nothing of what is ours alone', async () => {
  const { connect, clock } = await openGateway()
  const agent = connect({ kind: 'ecs' })
  for (let second = 0; second < 100; second++) {
    clock.advance(1_000)
    for (const { messageId } of agent.heard<{ messageId: string }>('HeartbeatMessage'))
      agent.says('HeartbeatAckRequest', { messageId })
  }
  await settle()
  expect(agent.heard('HeartbeatMessage')).toHaveLength(4)
  expect(agent.heard('HeartbeatMessage')[0]).toMatchObject({ healthy: true })
  expect(agent.frames.filter(({ type }) => type.startsWith('Berth'))).toEqual([])
})

test('Frames that are none, and messages of unknown type, do no harm', async () => {
  const { connect, warnings } = await openGateway()
  const agent = connect()
  for (const text of ['', '{', '[]', 'null', '{"type":1}', '{"type":"Unknown"}', '{"type":"AckRequest"}'])
    agent.saysText(text)
  agent.says('BerthStateChanges', { messageId: 'm1', changes: 'none' })
  await settle()
  expect(agent.closedWith).toBeUndefined()
  expect(agent.heard('BerthStateChangesAck')).toEqual([{ messageId: 'm1' }])
  expect(warnings).toHaveLength(6)
})

test('A deregistered instance is told so, and its session ends', async () => {
  const { connect, store } = await openGateway()
  const agent = connect()
  store.update(tx =>
    tx.put(containerInstances, { ...tx.get(containerInstances, instanceArn(1))!, status: 'INACTIVE' }),
  )
  await settle()
  expect(agent.heard('InactiveInstanceException')).toEqual([
    { message: 'The container instance was deregistered.' },
  ])
  expect(agent.closedWith?.code).toBe(4410)
})
