import type { PayloadNetworkInterface } from '@berth/model'
import { expect, test } from 'vitest'
import type { Cgroups } from '../../cgroups/index.ts'
import { createManualClock } from '../../clock.ts'
import { EngineError } from '../../engine/engine.ts'
import { FakeEngine } from '../../engine/fake-engine.ts'
import type { VpcNetworks } from '../../network/index.ts'
import { containerSpec } from '../container-spec/index.ts'
import { container, payload, startTestHost } from '../tasks-fixtures.ts'
import { createPauseContainer } from './pause-container.ts'
import { createPauseImage } from './pause-image.ts'
import { pauseProgram } from './pause-program.ts'
import { createTaskNetwork, type TaskNetwork } from './task-network.ts'

const cgroups: Cgroups = {
  parentOf: taskId => `/ecs/${taskId}`,
  create: () => Promise.resolve(),
  remove: () => Promise.resolve(),
}
const noNetwork: TaskNetwork = { attach: () => Promise.resolve(), detach: () => Promise.resolve() }
const given = (architecture = 'x64', network: TaskNetwork = noNetwork) => {
  const engine = new FakeEngine({ clock: createManualClock() })
  const identity = () => ({ incarnation: 'i', containerInstanceArn: 'instance' })
  const image = createPauseImage(engine, architecture)
  return { engine, pause: createPauseContainer({ engine, image, cgroups, network, identity }) }
}
const app = container('app')
const task = payload('a', [app], { pidMode: 'task', ipcMode: 'task' })
const prepare = (pause: ReturnType<typeof given>['pause'], of = task) =>
  pause.prepare({ payload: of, credentials: () => ({}) })
const context = {
  incarnation: 'i',
  containerInstanceArn: 'instance',
  region: 'eu-west-1',
  agentLogging: { driver: 'json-file', options: {} },
}

test.each(['x64', 'arm64'])('the program of %s is an executable of a few hundred bytes', architecture => {
  const program = pauseProgram(architecture)
  expect(program?.subarray(0, 4).toString('latin1')).toBe('\x7fELF')
  expect(program?.length).toBeLessThan(300)
})

test('containers join the namespaces of a pause container that is theirs alone', async () => {
  const { engine, pause } = given()
  const amend = await prepare(pause)
  const [made] = engine.running()
  expect(made?.spec).toMatchObject({
    name: expect.stringContaining('internalecspause'),
    labels: {
      'com.amazonaws.ecs.task-arn': task.arn,
      'com.amazonaws.ecs.container-name': '~internal~ecs~pause',
      'berth.incarnation': 'i',
    },
    networkMode: 'none',
    ipcMode: 'shareable',
  })
  const namespace = `container:${made?.spec.name}`
  expect(amend?.(app, containerSpec(task, app, context))).toMatchObject({
    pidMode: namespace,
    ipcMode: namespace,
  })
})

test('only what the task shares is joined', async () => {
  const { pause } = given()
  const amend = await prepare(pause, payload('a', [app], { pidMode: 'task' }))
  expect(amend?.(app, containerSpec(task, app, context))).not.toHaveProperty('ipcMode')
})

test.each([
  [{ pidMode: 'task' }, true],
  [{ ipcMode: 'task' }, true],
  [{ pidMode: 'host', ipcMode: 'none' }, false],
  [{}, false],
])('a task that says %j needs one: %s', (change, expected) => {
  expect(given().pause.isNeeded(payload('a', [app], change))).toBe(expected)
})

test('one that runs since an earlier life of the agent is kept, one that ended is made anew', async () => {
  const { engine, pause } = given()
  await prepare(pause)
  const [first] = engine.running()
  await prepare(pause)
  expect(engine.running()).toEqual([first])
  engine.exit(first?.id ?? '', 137)
  await prepare(pause)
  expect(engine.running()).toHaveLength(1)
  expect(engine.running()[0]?.id).not.toBe(first?.id)
})

test('an image that was removed from the engine is imported again', async () => {
  const { engine, pause } = given()
  await prepare(pause)
  await pause.release(task)
  engine.images.clear()
  await prepare(pause)
  expect(engine.running()).toHaveLength(1)
  expect(engine.calls.filter(call => call.startsWith('importImage'))).toHaveLength(2)
})

test('it is removed after the task, however often that is asked', async () => {
  const { engine, pause } = given()
  await prepare(pause)
  for (let round = 0; round < 2; round++) await pause.release(task)
  expect(engine.containers.size).toBe(0)
})

const one: PayloadNetworkInterface = {
  name: 'eth0',
  index: 0,
  ec2Id: 'eni-1',
  attachmentArn: 'arn:attachment/1',
  macAddress: '02:00:00:00:00:01',
  ipv4Addresses: [{ privateAddress: '10.0.1.5', primary: true }],
  subnetGatewayIpv4Address: '10.0.1.1/24',
  privateDnsName: 'ip-10-0-1-5.ec2.internal',
  domainName: ['ec2.internal'],
  domainNameServers: ['10.0.0.2'],
}
const setting = (namespace: string, value: string) => ({ systemControls: [{ namespace, value }] })
const withInterface = payload(
  'a',
  [
    container('app', { definition: { hostname: 'mine', ...setting('net.core.somaxconn', '100') } }),
    container('other', { definition: setting('kernel.shm_rmid_forced', '1') }),
  ],
  { networkMode: 'awsvpc', elasticNetworkInterfaces: [one] },
)

test('a task of awsvpc mode has its interface before its containers join, and until the pause container goes', async () => {
  const log: string[] = []
  const { engine, pause } = given('x64', {
    attach: async () => void log.push(`attached to ${engine.running().length}`),
    detach: async () => void log.push(`detached from ${engine.running().length}`),
  })
  await prepare(pause, withInterface)
  expect(engine.running()[0]?.spec).toMatchObject({
    networkMode: 'none',
    hostname: 'ip-10-0-1-5.ec2.internal',
    nameResolution: {
      servers: ['10.0.0.2'],
      searchDomains: ['ec2.internal'],
      extraHosts: [{ hostname: 'ip-10-0-1-5.ec2.internal', ipAddress: '10.0.1.5' }],
    },
    security: { kernelParameters: { 'net.core.somaxconn': '100' } },
  })
  await pause.release(withInterface)
  expect(log).toEqual(['attached to 1', 'detached from 1'])
})

test('its containers leave to the pause container what is of the network', () => {
  const [first, second] = withInterface.containers
  const specs = [first, second].map(each => containerSpec(withInterface, each ?? app, context))
  expect(specs[0]).toMatchObject({
    networkMode: expect.stringMatching(/^container:ecs-web-7-internalecspause-/),
    nameResolution: {},
    ports: [],
  })
  expect(specs[0]).not.toHaveProperty('hostname')
  expect(specs.map(({ security }) => security?.kernelParameters)).toEqual([
    undefined,
    { 'kernel.shm_rmid_forced': '1' },
  ])
})

test('a task whose pause container ends is stopped, with all of its containers', async () => {
  const identity = () => ({ incarnation: 'i', containerInstanceArn: 'instance' })
  const host = await startTestHost({
    resources: engine => [
      createPauseContainer({
        engine,
        image: createPauseImage(engine, 'x64'),
        cgroups,
        network: noNetwork,
        identity,
      }),
    ],
  })
  await host.give(withInterface)
  expect(host.statuses('a')).toEqual(['RUNNING'])
  const paused = host.engine.running().find(({ spec }) => spec.name.includes('internalecspause'))
  host.engine.exit(paused?.id ?? '', 137)
  await host.clock.advance(60_000)
  expect(host.changes.find(({ stopCode }) => stopCode !== undefined)).toMatchObject({
    stopCode: 'EssentialContainerExited',
    reason: 'Essential container in task exited',
  })
  expect(host.statuses('a').at(-1)).toBe('STOPPED')
  expect(host.engine.running()).toEqual([])
})

test('attachments are told as they come and go, with the reason when one cannot come', async () => {
  const told: object[] = []
  const given = { attach: () => Promise.resolve({} as never), detach: () => Promise.resolve() }
  const network = createTaskNetwork({
    networks: given as unknown as VpcNetworks,
    reportAttachment: (_arn, change) => told.push(change),
  })
  await network.attach(withInterface)
  await network.detach(withInterface)
  given.attach = () => Promise.reject(new Error('no room'))
  await expect(network.attach(withInterface)).rejects.toThrow(/^ResourceInitializationError: .*no room$/)
  const { attachmentArn } = one
  expect(told).toEqual([
    { attachmentArn, status: 'ATTACHING' },
    { attachmentArn, status: 'ATTACHED' },
    { attachmentArn, status: 'DETACHED' },
    { attachmentArn, status: 'ATTACHING' },
    { attachmentArn, status: 'FAILED', reason: 'no room' },
  ])
})

test('a host of another architecture refuses the task with the reason', async () => {
  await expect(prepare(given('riscv64').pause)).rejects.toThrow(
    /^ResourceInitializationError: .*architecture/,
  )
})

test('an engine that is away is asked again, one that refuses ends the task', async () => {
  const { engine, pause } = given()
  engine.failures.set('create', [
    new EngineError('unreachable', 'gone'),
    new EngineError('failed', 'no room'),
  ])
  await expect(prepare(pause)).rejects.toBeInstanceOf(EngineError)
  await expect(prepare(pause)).rejects.toThrow('CannotCreateContainerError: no room')
})
