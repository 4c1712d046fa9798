import { AwsError } from '@berth/aws-api'
import { expect, test } from 'vitest'
import { agentIdentity, agentMay } from '../services/ecs/agent-identity.ts'
import { root } from '../services/ecs/fixtures/root-call.ts'
import { given, instanceArn, start } from '../services/ecs/fixtures/rows.ts'
import { containerInstances, tasks } from '../services/ecs/tables/index.ts'
import { openGateway, sessionRequest, settle } from './gateway-fixture.ts'

const codeOf = (run: () => void): string => {
  try {
    run()
    return 'none'
  } catch (error) {
    return error instanceof AwsError ? error.code : String(error)
  }
}

test('An agent that connects is shown so, with its versions', async () => {
  const lost = given.instance(1, { agentConnected: false, disconnectedAt: 1, lostAt: 2, agentKind: 'ecs' })
  const { connect, store } = await openGateway({ instances: [lost] })
  connect()
  const row = store.get(containerInstances, instanceArn(1))
  expect(row).toMatchObject({
    agentConnected: true,
    agentKind: 'berth',
    versionInfo: { agentVersion: '1.0.0', dockerVersion: 'DockerVersion: 20.10.24' },
    incarnation: 'incarnation-1',
  })
  expect(row).not.toHaveProperty('disconnectedAt')
  expect(row).not.toHaveProperty('lostAt')
})

test('Heartbeats and reconnects that change nothing are no writes', async () => {
  const { connect, store, clock } = await openGateway()
  const first = connect()
  const { sequence } = store
  const second = connect()
  for (let beat = 0; beat < 20; beat++) {
    clock.advance(2_000)
    second.says('BerthHeartbeat')
  }
  expect(store.sequence).toBe(sequence)
  expect(first.closedWith?.code).toBe(4409)
  expect(second.closedWith).toBeUndefined()
})

test('A newer session takes the place of the older one, which is told so and says no more', async () => {
  const { connect, store, gateway, warnings } = await openGateway({ tasks: [given.task(1)] })
  const first = connect()
  const second = connect()
  await settle()
  expect(first.heard('CloseMessage')).toEqual([
    { message: 'A newer session of this container instance has begun.' },
  ])
  expect(second.told).toEqual(['RUNNING 1'])
  first.says('BerthStateChanges', {
    messageId: 'm1',
    changes: [{ taskArn: given.task(1).id, status: 'RUNNING', containers: [] }],
  })
  expect(store.get(tasks, given.task(1).id)?.lastStatus).toBe('PENDING')
  expect(store.get(containerInstances, instanceArn(1))?.agentConnected).toBe(true)
  expect(gateway.figures.acsSessions).toBe(1)
  expect(warnings).toEqual([
    'A newer session has replaced one that was alive: do two hosts share an identity?',
  ])
})

test('Two hosts with one identity do not take each other over for ever: the newcomer waits', async () => {
  const { connect, gateway, clock } = await openGateway()
  for (let takeover = 0; takeover < 4; takeover++) {
    expect(codeOf(() => gateway.admit(root, 'ecs:Poll', sessionRequest()))).toBe('none')
    connect()
  }
  expect(codeOf(() => gateway.admit(root, 'ecs:Poll', sessionRequest()))).toBe('BadRequestException')
  clock.advance(6_000)
  expect(codeOf(() => gateway.admit(root, 'ecs:Poll', sessionRequest()))).toBe('none')
})

test('Where agents say which process they are, the one that is alive stays from the first, and comes back itself at once', async () => {
  const { connect, gateway, clock, warnings } = await openGateway()
  const first = connect({ process: 'one' })
  const admits = (process: string) =>
    codeOf(() => gateway.admit(root, 'ecs:Poll', sessionRequest({ process })))
  expect(admits('two')).toBe('BadRequestException')
  expect(warnings).toEqual([expect.stringMatching(/two agents must not share one identity/)])
  for (let reconnect = 0; reconnect < 5; reconnect++) {
    expect(admits('one')).toBe('none')
    connect({ process: 'one' })
  }
  expect(first.closedWith?.code).toBe(4409)
  clock.advance(6_000)
  expect(admits('two')).toBe('none')
})

test("Berth's agent is shown disconnected as soon as its session closes", async () => {
  const { connect, store, clock } = await openGateway()
  const agent = connect()
  clock.advance(2_500)
  agent.close(1006, '')
  expect(store.get(containerInstances, instanceArn(1))).toMatchObject({
    agentConnected: false,
    disconnectedAt: start + 2_500,
  })
})

test('An agent whose connection is open and silent is gone, and its session is closed', async () => {
  const { connect, store, clock } = await openGateway()
  const agent = connect()
  clock.advance(4_000)
  agent.says('BerthHeartbeat')
  clock.advance(9_000)
  expect(store.get(containerInstances, instanceArn(1))?.agentConnected).toBe(true)
  clock.advance(2_000)
  expect(store.get(containerInstances, instanceArn(1))).toMatchObject({
    agentConnected: false,
    disconnectedAt: start + 4_000,
  })
  expect(agent.closedWith?.code).toBe(4408)
})

test('After a sleep of the machine, agents get their time before they count as gone', async () => {
  const { connect, store, clock } = await openGateway()
  const agent = connect()
  clock.leap(8 * 3_600_000)
  clock.advance(9_000)
  agent.says('BerthHeartbeat')
  clock.advance(9_000)
  expect(store.get(containerInstances, instanceArn(1))?.agentConnected).toBe(true)
  clock.advance(3_000)
  expect(store.get(containerInstances, instanceArn(1))?.agentConnected).toBe(false)
})

test('After a start, agents that were connected get their time before they count as gone', async () => {
  const instances = [given.instance(1), given.instance(2, { agentKind: 'ecs' })]
  const { connect, store, clock } = await openGateway({ instances })
  clock.advance(29_000)
  expect(store.get(containerInstances, instanceArn(1))?.agentConnected).toBe(true)
  clock.advance(2_000)
  expect(store.get(containerInstances, instanceArn(1))).toMatchObject({
    agentConnected: false,
    disconnectedAt: start,
  })
  connect({ containerInstanceArn: instanceArn(2), kind: 'ecs' })
  clock.advance(140_000)
  expect(store.get(containerInstances, instanceArn(2))?.agentConnected).toBe(true)
})

test('A stopping server closes every session and writes nothing', async () => {
  const { connect, store, gateway } = await openGateway()
  const agent = connect()
  const { sequence } = store
  gateway.stop()
  expect(agent.closedWith?.code).toBe(1001)
  expect(store.sequence).toBe(sequence)
  expect(codeOf(() => gateway.admit(root, 'ecs:Poll', sessionRequest()))).toBe('ServerException')
})

test('With too much waiting for the journal, reports are held back, and nobody is gone for it', async () => {
  let isOverloaded = false
  const { connect, store, clock, gateway } = await openGateway(
    { tasks: [given.task(1)] },
    { overloaded: () => isOverloaded },
  )
  const agent = connect()
  await settle()
  isOverloaded = true
  agent.says('BerthStateChanges', {
    messageId: 'm1',
    changes: [{ taskArn: given.task(1).id, status: 'RUNNING', containers: [] }],
  })
  expect(store.get(tasks, given.task(1).id)?.lastStatus).toBe('RUNNING')
  expect(agent.isPaused).toBe(true)
  clock.advance(60_000)
  expect(store.get(containerInstances, instanceArn(1))?.agentConnected).toBe(true)
  expect(gateway.figures.isPaused).toBe(true)
  isOverloaded = false
  clock.advance(1_000)
  expect(agent.isPaused).toBe(false)
  clock.advance(9_000)
  expect(store.get(containerInstances, instanceArn(1))?.agentConnected).toBe(true)
})

test('Only a registered, active instance in its own cluster may be acted for, by who may', async () => {
  const instances = [given.instance(1), given.instance(2, { status: 'INACTIVE' })]
  const { gateway } = await openGateway({ instances })
  const admitted = (change: object) => codeOf(() => gateway.admit(root, 'ecs:Poll', sessionRequest(change)))
  expect(admitted({})).toBe('none')
  expect(admitted({ cluster: given.cluster.id })).toBe('none')
  expect(admitted({ cluster: '' })).toBe('none')
  expect(admitted({ cluster: 'other' })).toBe('InvalidClusterException')
  expect(admitted({ containerInstanceArn: instanceArn(2) })).toBe('InactiveInstanceException')
  expect(admitted({ containerInstanceArn: instanceArn(3) })).toBe('InvalidInstanceException')
  const strict = await openGateway({ instances }, { authorize: () => false })
  expect(codeOf(() => strict.gateway.admit(root, 'ecs:Poll', sessionRequest()))).toBe('AccessDeniedException')
})

test("An agent's key may act for the instance that it registered, and for nothing else", async () => {
  const instances = [
    given.instance(1, { registeredBy: 'AKIAONE' }),
    given.instance(2, { registeredBy: 'AKIATWO' }),
  ]
  const foreign = given.task(2, { containerInstanceArn: instanceArn(2) })
  const { store } = await openGateway({ instances, tasks: [given.task(1), foreign] })
  const agent = agentIdentity('123456789012', 'AKIAONE')
  const may = (action: string, resource: string) => agentMay(store, agent, action, [resource])
  expect(may('ecs:Poll', instanceArn(1))).toBe(true)
  expect(may('ecs:Poll', instanceArn(2))).toBe(false)
  expect(may('ecs:Poll', instanceArn(3))).toBe(false)
  expect(may('ecs:RegisterContainerInstance', given.cluster.id)).toBe(true)
  expect(may('ecs:SubmitTaskStateChange', foreign.id)).toBe(false)
  expect(may('ecs:ListTagsForResource', given.task(1).id)).toBe(true)
  expect(may('ecs:RunTask', given.cluster.id)).toBe(false)
  expect(may('ecs:DeleteCluster', given.cluster.id)).toBe(false)
  expect(may('ecs:RegisterContainerInstance', 'arn:aws:ecs:eu-central-1:999999999999:cluster/default')).toBe(
    false,
  )
  expect(agentMay(store, root, 'ecs:Poll', [instanceArn(1)])).toBe(false)
})
