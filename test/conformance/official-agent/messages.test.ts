/** What the server sends in the command session, what the agent answers, and in which orders its answers may come. */
import { describe, expect, it } from 'vitest'
import { turn } from './server.ts'
import type { Session } from './wire.ts'
import { container, taskCalls, useWorld } from './world.ts'

const world = useWorld()
const { define, run, defineAndRun, described } = taskCalls(world)

/** All that this agent decodes; of every other type it logs a line. */
const known = [
  'HeartbeatMessage',
  'PayloadMessage',
  'TaskManifestMessage',
  'TaskStopVerificationAck',
  'IAMRoleCredentialsMessage',
  'CloseMessage',
  'InactiveInstanceException',
]

it('A heartbeat has a messageId, and its acknowledgement is taken', async () => {
  const { acs } = await world.agent.join()
  await world.server.pass(26)
  const { messageId, healthy } = await acs.next('HeartbeatMessage')
  expect([typeof messageId, healthy]).toEqual(['string', true])
  acs.say('HeartbeatAckRequest', { messageId })
  await acs.flushed()
})

it('Nothing is sent that this agent does not know, and no frame has members beside type and message', async () => {
  const { acs } = await world.agent.join()
  await define({ taskRoleArn: 'app' })
  const [task = ''] = await run()
  await acs.next('PayloadMessage')
  await world.server.ecs.stopTask({ task })
  await acs.next('PayloadMessage')
  await world.server.pass(90)
  await acs.flushed()
  for (const frame of acs.heard) {
    expect(known).toContain(frame.type)
    expect(Object.keys(frame)).toEqual(['type', 'message'])
  }
})

it('A payload names its message, cluster and instance, without which it would be dropped in silence', async () => {
  const { acs } = await world.agent.join()
  await defineAndRun()
  expect(await acs.next('PayloadMessage')).toMatchObject({
    messageId: expect.stringMatching(/./),
    clusterArn: expect.stringMatching(/:cluster\/default$/),
    containerInstanceArn: world.agent.instanceArn,
    generatedAt: expect.any(Number),
    seqNum: expect.any(Number),
  })
})

describe('of the acknowledgement of a payload, those of its credentials, and the first report', () => {
  const said = ['payload', 'credentials', 'report'] as const
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ].map(order => order.map(index => said[index]))

  it.each(orders)('%s, then %s, then %s: the task runs, and nothing is sent again', async (...order) => {
    const { acs } = await world.agent.join()
    const task = await defineAndRun({ taskRoleArn: 'app', executionRoleArn: 'puller' })
    const payload = await acs.next('PayloadMessage')
    const [{ roleCredentials, executionRoleCredentials }] = payload.tasks
    for (const what of order) {
      if (what === 'payload') world.agent.acknowledge(acs, payload)
      if (what === 'credentials')
        for (const credentials of [executionRoleCredentials, roleCredentials])
          world.agent.acknowledgeCredentials(acs, payload.messageId, credentials)
      if (what === 'report') await world.agent.report(task, { status: 'RUNNING' })
      await acs.flushed()
    }
    await world.server.pass(15)
    acs.say('HeartbeatAckRequest', { messageId: 'h' })
    await acs.flushed()
    await world.server.pass(5)
    await acs.flushed()
    expect((await described(task))?.lastStatus).toBe('RUNNING')
    expect(acs.count('PayloadMessage')).toBe(1)
  })
})

describe('a manifest', () => {
  it('lists with ARN and desired status every task that the agent should know, and is acknowledged', async () => {
    const { acs } = await world.agent.join()
    await acs.next('TaskManifestMessage')
    const task = await defineAndRun()
    await world.server.pass(61)
    const manifest = await acs.next('TaskManifestMessage')
    expect(manifest).toMatchObject({
      clusterArn: expect.any(String),
      containerInstanceArn: expect.any(String),
    })
    expect(manifest.tasks).toEqual([
      { taskArn: task, taskClusterArn: expect.stringContaining(':cluster/'), desiredStatus: 'RUNNING' },
    ])
    world.agent.acknowledge(acs, manifest)
    await acs.flushed()
  })

  it('is answered with tasks that are not in it, and the server names those that are to stop, once', async () => {
    const { acs } = await world.agent.join()
    const manifest = await acs.next('TaskManifestMessage')
    const stopCandidates = [
      {
        taskArn: 'arn:aws:ecs:us-east-1:000000000000:task/default/gone',
        taskClusterArn: manifest.clusterArn,
        desiredStatus: 'STOPPED',
      },
    ]
    acs.say('TaskStopVerificationMessage', { messageId: manifest.messageId, stopCandidates })
    expect(await acs.next('TaskStopVerificationAck')).toMatchObject({
      messageId: manifest.messageId,
      stopTasks: stopCandidates,
    })
    acs.say('TaskStopVerificationMessage', { messageId: manifest.messageId, stopCandidates })
    await acs.flushed()
    expect(acs.count('TaskStopVerificationAck')).toBe(1)
  })

  it('and a task that started meanwhile is not among those that are to stop', async () => {
    const { acs } = await world.agent.join()
    const manifest = await acs.next('TaskManifestMessage')
    const taskArn = await defineAndRun()
    const candidate = { taskArn, taskClusterArn: manifest.clusterArn, desiredStatus: 'STOPPED' }
    acs.say('TaskStopVerificationMessage', { messageId: manifest.messageId, stopCandidates: [candidate] })
    await acs.flushed()
    expect(acs.count('TaskStopVerificationAck')).toBe(0)
  })

  it('and payloads share one growing counter, over sessions and restarts of the server', async () => {
    const numbers: number[] = []
    const note = (session: Session) => {
      for (const { message } of session.heard) numbers.push(message.timeline ?? message.seqNum)
    }
    const first = await world.agent.join()
    await defineAndRun()
    await first.acs.next('PayloadMessage')
    note(first.acs)
    await world.server.stop()
    await world.server.start()
    const second = await world.agent.acs()
    await second.next('PayloadMessage')
    note(second)
    expect(numbers.length).toBeGreaterThanOrEqual(4)
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
  })
})

describe('a task that is to stop', () => {
  it('comes as an entry without containers, and is acknowledged before or after it has stopped', async () => {
    const { acs } = await world.agent.join()
    const task = await defineAndRun()
    world.agent.acknowledge(acs, await acs.next('PayloadMessage'))
    await world.server.ecs.stopTask({ task })
    const payload = await acs.next('PayloadMessage')
    expect(payload.tasks).toEqual([
      expect.objectContaining({ arn: task, desiredStatus: 'STOPPED', overrides: '{}', containers: [] }),
    ])
    await world.agent.report(task, { status: 'STOPPED' })
    world.agent.acknowledge(acs, payload)
    await acs.flushed()
    expect((await described(task))?.lastStatus).toBe('STOPPED')
  })
})

describe('delivery', () => {
  /** The agent lives, and says so. */
  const live = async (acs: Session, seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      acs.say('HeartbeatAckRequest', { messageId: 'h' })
      await acs.flushed()
      await world.server.pass(1)
    }
    await acs.flushed()
    await turn()
  }

  it('of a payload that was not acknowledged comes again, and its acknowledgement counts', async () => {
    const { acs } = await world.agent.join()
    await defineAndRun()
    const first = await acs.next('PayloadMessage')
    await live(acs, 12)
    const second = await acs.next('PayloadMessage')
    expect(second.tasks[0].arn).toBe(first.tasks[0].arn)
    world.agent.acknowledge(acs, second)
    await live(acs, 12)
    expect(acs.count('PayloadMessage')).toBe(2)
  })

  it('of a payload with an invalid task is never acknowledged: its task is reported, and the others are given up by nobody', async () => {
    const { acs } = await world.agent.join()
    await define()
    const [good = '', bad = ''] = await run({ count: 2 })
    await acs.next('PayloadMessage')
    await world.agent.report(good, { status: 'RUNNING' })
    await world.agent.report(bad, {
      status: 'STOPPED',
      reason: 'UnrecogniedTaskError: Unable to parse task',
    })
    await live(acs, 100)
    expect((await described(bad))?.stoppedReason).toBe('UnrecogniedTaskError: Unable to parse task')
    expect(await described(good)).toMatchObject({ lastStatus: 'RUNNING', desiredStatus: 'RUNNING' })
    expect(acs.count('PayloadMessage')).toBeLessThan(10)
  })

  it('of a task on which the agent says nothing at all is given up by the server itself', async () => {
    const { acs } = await world.agent.join()
    const task = await defineAndRun()
    await live(acs, 100)
    expect(await described(task)).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      stoppedReason: 'The container agent did not acknowledge the task.',
    })
  })

  it('to a new session repeats what the agent has already, which is acknowledged again', async () => {
    const { acs } = await world.agent.join()
    const task = await defineAndRun()
    world.agent.acknowledge(acs, await acs.next('PayloadMessage'))
    await world.agent.report(task, { status: 'RUNNING' })
    await acs.close()
    const again = await world.agent.acs()
    const payload = await again.next('PayloadMessage')
    expect(payload.tasks[0]).toMatchObject({ arn: task, desiredStatus: 'RUNNING' })
    world.agent.acknowledge(again, payload)
    await again.flushed()
    expect((await described(task))?.lastStatus).toBe('RUNNING')
  })
})

it('What the agent refuses with a NackRequest does no harm', async () => {
  const { acs } = await world.agent.join()
  const { cluster, instanceArn: containerInstance } = world.agent
  acs.say('NackRequest', { cluster, containerInstance, messageId: 'update', reason: 'Updates are disabled' })
  await acs.flushed()
  const task = await defineAndRun({ containerDefinitions: [container] })
  expect((await acs.next('PayloadMessage')).tasks[0].arn).toBe(task)
})
