import { beforeEach, describe, expect, it } from 'vitest'
import { container, payload, startTestHost, type TestHost } from '../../tasks/tasks-fixtures.ts'
import { CommandError } from '../command.ts'
import { blackHoleRules } from './black-hole.ts'
import { createFaultEndpoints } from './fault-endpoints.ts'
import { readBlackHole, readMembers, readShaping } from './fault-request.ts'
import { runningShaping, shapingCommands } from './shaping.ts'

const hole = { Port: 80, Protocol: 'tcp', TrafficType: 'egress' }
const latency = { DelayMilliseconds: 100, JitterMilliseconds: 10, Sources: ['10.0.0.0/8'] }
const refused = (read: () => unknown): string => {
  try {
    read()
    return 'accepted'
  } catch (error) {
    return String((error as Error).message)
  }
}

describe('the requests of the fault endpoints', () => {
  it.each([
    ['', 'required request body is missing'],
    ['nonsense', 'failed to decode request'],
    ['[]', 'failed to decode request'],
  ])('refuse the body %j', (body, message) => {
    expect(refused(() => readMembers(body))).toBe(message)
  })

  it.each([
    [{ Port: undefined }, 'required parameter Port is missing'],
    [{ Port: 65_536 }, 'invalid value 65536 for parameter Port'],
    [{ Port: '80' }, 'invalid value 80 for parameter Port'],
    [{ Protocol: '' }, 'required parameter Protocol is missing'],
    [{ Protocol: 'icmp' }, 'invalid value icmp for parameter Protocol'],
    [{ TrafficType: 'both' }, 'invalid value both for parameter TrafficType'],
    [{ SourcesToFilter: ['10.0.0.1; drop'] }, 'invalid value 10.0.0.1; drop for parameter SourcesToFilter'],
    [{ SourcesToFilter: ['10.0.0.0/33'] }, 'invalid value 10.0.0.0/33 for parameter SourcesToFilter'],
    [{ SourcesToFilter: ['::1/64', '10.0.0.1'] }, 'accepted'],
  ])('check a black hole: %j', (change, message) => {
    expect(refused(() => readBlackHole({ ...hole, ...change }))).toBe(message)
  })

  it.each([
    [{ DelayMilliseconds: undefined }, 'required parameter DelayMilliseconds is missing'],
    [{ JitterMilliseconds: -1 }, 'invalid value -1 for parameter JitterMilliseconds'],
    [{ Sources: [] }, 'required parameter Sources is missing'],
    [{ Sources: ['example.com'] }, 'invalid value example.com for parameter Sources'],
    [{}, 'accepted'],
  ])('check a latency: %j', (change, message) => {
    expect(refused(() => readShaping('network-latency', { ...latency, ...change }))).toBe(message)
  })

  it.each([0, 101, 1.5])('refuse a loss of %d percent', LossPercent => {
    expect(refused(() => readShaping('network-packet-loss', { LossPercent, Sources: ['10.0.0.1'] }))).toBe(
      `invalid value ${LossPercent} for parameter LossPercent`,
    )
  })
})

it('a black hole spares the filtered peers, and the endpoints themselves', () => {
  const rules = blackHoleRules(readBlackHole({ ...hole, SourcesToFilter: ['10.0.0.1', 'fd00::/8'] }))
  expect(rules.trim().split('\n')).toEqual([
    'add table inet berth-faults',
    'add chain inet berth-faults egress-tcp-80 { type filter hook output priority -10; }',
    'flush chain inet berth-faults egress-tcp-80',
    'add rule inet berth-faults egress-tcp-80 ip daddr 10.0.0.1 accept',
    'add rule inet berth-faults egress-tcp-80 ip6 daddr fd00::/8 accept',
    'add rule inet berth-faults egress-tcp-80 ip daddr 169.254.170.2 accept',
    'add rule inet berth-faults egress-tcp-80 tcp dport 80 drop',
  ])
})

it('late packets are those to the named peers alone', () => {
  const commands = shapingCommands(
    readShaping('network-latency', { ...latency, SourcesToFilter: ['10.0.0.1'] }),
  )
  expect(commands.trim().split('\n')).toEqual([
    'qdisc add dev eth0 root handle 1: prio priomap 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2',
    'qdisc add dev eth0 parent 1:1 handle 10: netem delay 100ms 10ms',
    'filter add dev eth0 protocol all parent 1:0 prio 1 u32 match ip dst 10.0.0.1 flowid 1:3',
    'filter add dev eth0 protocol all parent 1:0 prio 1 u32 match ip dst 169.254.170.2 flowid 1:3',
    'filter add dev eth0 protocol all parent 1:0 prio 2 u32 match ip dst 10.0.0.0/8 flowid 1:1',
  ])
})

const netem = (options: object): string =>
  JSON.stringify([
    { kind: 'prio', options: {} },
    { kind: 'netem', options: { limit: 1000, ...options } },
  ])

it('which fault runs is read from the kernel', () => {
  expect(runningShaping('')).toBeUndefined()
  expect(runningShaping('[{"kind":"noqueue"}]')).toBeUndefined()
  expect(runningShaping(netem({ delay: { delay: 0.1 } }))).toBe('network-latency')
  expect(runningShaping(netem({ 'loss-random': { loss: 0.05 } }))).toBe('network-packet-loss')
})

describe('the fault endpoints', () => {
  let host: TestHost
  let shown: string
  let failure: string | undefined
  const commands: string[] = []
  const ask = async (path: string, body?: object, waitMs = 5_000) => {
    await host.clock.advance(waitMs)
    const task = host.tasks.all()[0]!
    const request = { path, body: body ? JSON.stringify(body) : '', task, runtimeId: 'fake-1' }
    const answer = await endpoints.answer(request)
    return answer && { status: answer.status, body: JSON.parse(answer.body) }
  }
  let endpoints: ReturnType<typeof createFaultEndpoints>
  beforeEach(async () => {
    host = await startTestHost()
    await host.give(payload('a', [container('app')], { definition: { enableFaultInjection: true } }))
    shown = '[]'
    failure = undefined
    commands.length = 0
    const run = async (program: string, args: readonly string[], input = ''): Promise<string> => {
      const line = [program, ...args].join(' ')
      commands.push(line)
      if (failure && line.includes('-batch')) throw new CommandError(program, args, failure)
      if (line.includes('netem') || input.includes('netem')) shown = netem({ delay: {} })
      if (line.includes('qdisc delete')) shown = '[]'
      return line.includes('show') ? shown : ''
    }
    const view = { ...(await host.engine.inspect('fake-1'))!, pid: 4711 }
    const engine = Object.assign(Object.create(host.engine), { inspect: async () => view })
    endpoints = createFaultEndpoints({ engine, run, now: () => host.clock.now() })
  })

  it("work in the container's own network namespace", async () => {
    expect(await ask('network-latency/start', latency)).toEqual({ status: 200, body: { Status: 'running' } })
    expect(commands.every(line => line.startsWith('nsenter --net=/proc/4711/ns/net -- tc '))).toBe(true)
  })

  it('let one of latency and loss run at a time, and stop what runs alone', async () => {
    await ask('network-latency/start', latency)
    expect(await ask('network-packet-loss/start', { LossPercent: 5, Sources: ['10.0.0.1'] })).toEqual({
      status: 409,
      body: { Error: 'There is already one network latency fault running' },
    })
    expect((await ask('network-packet-loss/status'))?.body).toEqual({ Status: 'not-running' })
    expect((await ask('network-packet-loss/stop'))?.body).toEqual({ Status: 'stopped' })
    expect((await ask('network-latency/status'))?.body).toEqual({ Status: 'running' })
    expect((await ask('network-latency/stop'))?.body).toEqual({ Status: 'stopped' })
    expect((await ask('network-latency/status', undefined, 5_000))?.body).toEqual({ Status: 'not-running' })
  })

  it('say what the kernel lacks, and leave nothing behind', async () => {
    failure = 'Error: Specified qdisc kind is unknown.'
    expect(await ask('network-latency/start', latency)).toMatchObject({
      status: 500,
      body: { Error: expect.stringContaining('sch_netem') },
    })
    expect(commands.at(-1)).toContain('tc qdisc delete dev eth0 root')
  })

  it('take one request each five seconds', async () => {
    expect((await ask('network-latency/status'))?.status).toBe(200)
    expect((await ask('network-latency/status', undefined, 4_000))?.status).toBe(429)
    expect((await ask('network-packet-loss/status', undefined, 0))?.status).toBe(200)
    expect((await ask('network-latency/status', undefined, 1_000))?.status).toBe(200)
  })

  it('are no more than these', async () => {
    for (const path of [
      'network-latency',
      'network-latency/pause',
      'disk-full/start',
      'network-latency/start/x',
    ])
      expect(await ask(path)).toBeUndefined()
  })
})
