/** Throughput and latency between tasks on two hosts, beside two addresses on a VXLAN device and nothing else. */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { NetworkFact } from '@berth/model'
import {
  everywhere,
  groupFact,
  interfaceFact,
  type VpcHost,
  VpcHosts,
  vpcFacts,
} from '../../test/e2e/vpc-hosts.ts'
import { median } from '../measure.ts'

const rounds = 7
const seconds = 3
const pings = 400

interface Pair {
  readonly from: string
  readonly to: string
  readonly address: string
}

const run = promisify(execFile)
const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })

const attached = async (hosts: VpcHosts, host: VpcHost, subnet: number, last: number) => {
  const namespace = hosts.task()
  const fact = interfaceFact(subnet, last, namespace)
  host.tell([fact])
  await host.networks?.attach(fact.interfaceId)
  return { namespace, address: fact.address, macAddress: fact.macAddress }
}

const whereabouts = (
  other: VpcHost,
  { address, macAddress }: { address: string; macAddress: string },
): NetworkFact[] => [
  {
    key: `peer/vpc-1/${other.arn}`,
    kind: 'peer',
    vpcId: 'vpc-1',
    hostArn: other.arn,
    underlayAddress: other.address,
  },
  {
    key: `address/vpc-1/${address}`,
    kind: 'address',
    vpcId: 'vpc-1',
    address,
    macAddress,
    hostArn: other.arn,
  },
]

/** Two tasks of one VPC on two hosts, with a security group that lets everything in. */
const tasksOnHosts = async (hosts: VpcHosts): Promise<Pair> => {
  const [one, two] = [await hosts.host(1), await hosts.host(2)]
  for (const host of [one, two]) host.tell([...vpcFacts, groupFact('sg-1', [everywhere])])
  const a = await attached(hosts, one, 1, 10)
  const b = await attached(hosts, two, 2, 11)
  one.tell(whereabouts(two, b))
  two.tell(whereabouts(one, a))
  return { from: a.namespace, to: b.namespace, address: b.address }
}

/** Two machines on the same switch as the hosts. */
const plainVxlan = (hosts: VpcHosts): Pair => {
  const [one, two] = [hosts.machine(3), hosts.machine(4)]
  for (const [self, other, last] of [
    [one, two, 1],
    [two, one, 2],
  ] as const) {
    const device = ['vx0', 'type', 'vxlan', 'id', '77', 'dstport', '4799', 'local', self.address]
    ip('-n', self.name, 'link', 'add', ...device, 'remote', other.address)
    ip('-n', self.name, 'address', 'add', `10.66.0.${last}/24`, 'dev', 'vx0')
    ip('-n', self.name, 'link', 'set', 'vx0', 'up')
  }
  return { from: one.name, to: two.name, address: '10.66.0.2' }
}

const inside = async (namespace: string, ...args: string[]): Promise<string> =>
  (await run('ip', ['netns', 'exec', namespace, ...args])).stdout

/** Gbit/s. */
const throughput = async ({ from, address }: Pair): Promise<number> => {
  const answer = await inside(from, 'iperf3', '-c', address, '-t', String(seconds), '--json')
  return JSON.parse(answer).end.sum_received.bits_per_second / 1e9
}

/** Microseconds there and back, in the middle. */
const latency = async ({ from, address }: Pair): Promise<number> => {
  const printed = await inside(from, 'ping', '-n', '-c', String(pings), '-i', '0.002', address)
  return median([...printed.matchAll(/time=([\d.]+) ms/g)].map(([, time]) => Number(time) * 1_000))
}

const reachable = async ({ from, address }: Pair): Promise<void> => {
  for (let tries = 0; tries < 50; tries++) {
    const isThere = await inside(from, 'ping', '-n', '-c', '1', '-W', '1', address).then(
      () => true,
      () => false,
    )
    if (isThere) return
    await delay(100)
  }
  throw new Error(`${address} is not reached from ${from}`)
}

export const betweenHosts = async (): Promise<void> => {
  const hosts = new VpcHosts()
  const servers: ReturnType<typeof spawn>[] = []
  try {
    const pairs = { tasks: await tasksOnHosts(hosts), 'plain VXLAN': plainVxlan(hosts) }
    const figures: Record<string, { rates: number[]; times: number[] }> = {}
    for (const [name, pair] of Object.entries(pairs)) {
      servers.push(spawn('ip', ['netns', 'exec', pair.to, 'iperf3', '-s'], { stdio: 'ignore' }))
      await reachable(pair)
      figures[name] = { rates: [], times: [] }
    }
    await delay(500)
    for (let round = 0; round < rounds; round++)
      for (const [name, pair] of Object.entries(pairs)) {
        figures[name]?.rates.push(await throughput(pair))
        figures[name]?.times.push(await latency(pair))
      }
    for (const [name, { rates, times }] of Object.entries(figures))
      console.log(
        `${name}: ${median(rates).toFixed(1)} Gbit/s, ${median(times).toFixed(0)} µs there and back`,
      )
  } finally {
    for (const server of servers) server.kill('SIGKILL')
    await hosts.remove()
  }
}
