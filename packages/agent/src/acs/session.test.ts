import { describe, expect, it } from 'vitest'
import { createFacts } from '../facts/index.ts'
import { silentLog } from '../log.ts'
import { arnOf, payload, startTestHost } from '../tasks/tasks-fixtures.ts'
import { Session } from './session.ts'
import { StateChangeOutbox } from './state-change-outbox.ts'

const containerInstanceArn = 'arn:aws:ecs:us-east-1:000000000000:container-instance/default/1'
const header = { clusterArn: 'c', containerInstanceArn, generatedAt: 0 }

const given = async () => {
  const host = await startTestHost()
  const facts = createFacts(host.store)
  const sent: { type: string; message: object }[] = []
  const send = (type: string, message: object) => sent.push({ type, message }) > 0
  const session = new Session({
    clock: host.clock,
    log: silentLog,
    store: host.store,
    tasks: host.tasks,
    outbox: new StateChangeOutbox({
      clock: host.clock,
      newId: () => 'id',
      send: message => send('BerthStateChanges', message),
      stuck: () => {},
    }),
    prePull: () => {},
    carryOut: () => {},
    takeFacts: message => facts.take(message),
    identity: () => ({ cluster: 'default', containerInstanceArn }),
    send,
    openExec: () => {},
    expectMessageWithin: () => {},
  })
  const receive = async (type: string, message: object) => {
    const isKnown = session.receive({ type, message })
    await host.settle()
    return isKnown
  }
  return { host, facts, session, receive, types: () => sent.map(({ type }) => type), sent }
}

describe('a session', () => {
  it('answers heartbeats, and knows what it does not know', async () => {
    const { receive, sent } = await given()
    expect(await receive('HeartbeatMessage', { messageId: 'h', healthy: true })).toBe(true)
    expect(sent).toEqual([{ type: 'HeartbeatAckRequest', message: { messageId: 'h' } }])
    expect(await receive('SomethingNew', {})).toBe(false)
  })

  it('beats in the rhythm that the control plane asks for', async () => {
    const { host, session, receive, types } = await given()
    const message = { incarnation: 'incarnation-1', heartbeatIntervalMs: 2_000, serverHeartbeatIntervalMs: 1 }
    await receive('BerthSessionMessage', message)
    await host.clock.advance(4_000)
    expect(types().filter(type => type === 'BerthHeartbeat')).toHaveLength(3)
    session.closed()
    await host.clock.advance(10_000)
    expect(types().filter(type => type === 'BerthHeartbeat')).toHaveLength(3)
  })

  it('acknowledges a payload that it has on disk', async () => {
    const { host, receive, sent } = await given()
    await receive('PayloadMessage', { ...header, messageId: 'p', seqNum: 1, tasks: [payload('a')] })
    expect(sent).toContainEqual({
      type: 'AckRequest',
      message: { cluster: 'default', containerInstance: containerInstanceArn, messageId: 'p' },
    })
    expect(host.store.tasks()).toHaveLength(1)
  })

  it('takes nothing that is meant for another container instance', async () => {
    const { host, receive, types } = await given()
    const tasks = [payload('a')]
    await receive('PayloadMessage', {
      ...header,
      containerInstanceArn: 'x/2',
      messageId: 'p',
      seqNum: 1,
      tasks,
    })
    expect(types()).toEqual([])
    expect(host.tasks.all()).toEqual([])
  })

  it('survives a payload that it cannot read, and does not acknowledge it', async () => {
    const { receive, types } = await given()
    await receive('PayloadMessage', { messageId: 'p', seqNum: 1, tasks: [payload('a')] })
    await receive('PayloadMessage', { ...header, messageId: 'q', seqNum: 2 })
    expect(types()).toEqual([])
  })

  it('asks about tasks that a manifest does not name, and stops those that are confirmed', async () => {
    const { host, receive, sent } = await given()
    await receive('PayloadMessage', {
      ...header,
      messageId: 'p',
      seqNum: 1,
      tasks: [payload('a'), payload('b')],
    })
    const named = [{ taskArn: arnOf('a'), taskClusterArn: 'c', desiredStatus: 'RUNNING' }]
    await receive('TaskManifestMessage', { ...header, messageId: 'm', timeline: 2, tasks: named })
    const stopTasks = [expect.objectContaining({ taskArn: arnOf('b'), desiredStatus: 'STOPPED' })]
    expect(sent).toContainEqual({
      type: 'TaskStopVerificationMessage',
      message: { messageId: 'm', stopCandidates: stopTasks },
    })
    expect(host.engine.running()).toHaveLength(2)
    await receive('TaskStopVerificationAck', {
      messageId: 'm',
      generatedAt: 0,
      stopTasks: [{ taskArn: arnOf('b') }],
    })
    expect(host.statuses('b').at(-1)).toBe('STOPPED')
    expect(host.statuses('a')).toEqual(['RUNNING'])
  })

  it('ignores a manifest that is older than what it has seen', async () => {
    const { receive, types } = await given()
    await receive('PayloadMessage', { ...header, messageId: 'p', seqNum: 5, tasks: [] })
    await receive('TaskManifestMessage', { ...header, messageId: 'm', timeline: 5, tasks: [] })
    expect(types()).toEqual(['AckRequest'])
  })

  it('keeps what it is told of names', async () => {
    const { facts, receive } = await given()
    const fact = { key: 'name/a/A', name: 'a', type: 'A', ttl: 60, values: ['10.0.0.1'] }
    expect(await receive('BerthFacts', { topic: 'names', isWhole: true, facts: [fact], gone: [] })).toBe(true)
    expect([...facts.of('names').values()]).toEqual([fact])
  })

  it('says which tasks are of another incarnation', async () => {
    const { receive, sent } = await given()
    await receive('PayloadMessage', { ...header, messageId: 'p', seqNum: 1, tasks: [payload('a')] })
    const message = { incarnation: 'other', heartbeatIntervalMs: 2_000, serverHeartbeatIntervalMs: 1 }
    await receive('BerthSessionMessage', message)
    expect(sent).toContainEqual({
      type: 'BerthForeignTasks',
      message: { incarnation: 'incarnation-1', taskArns: [arnOf('a')] },
    })
  })
})
