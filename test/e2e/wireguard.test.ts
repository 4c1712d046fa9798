import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { eventually } from './berth.ts'
import { EncryptedHosts, wireGuardPort } from './encrypted-hosts.ts'
import {
  addressOf,
  answers,
  everywhere,
  groupFact,
  inNamespace,
  peerOf,
  silent,
  type VpcHost,
  type VpcHosts,
  vpcFacts,
} from './vpc-hosts.ts'

let hosts: EncryptedHosts
beforeEach(() => {
  hosts = new EncryptedHosts()
})
afterEach(() => hosts.remove())

type Task = Awaited<ReturnType<VpcHosts['taskOn']>>

/** With a task of the VPC on each; every host is told of every task. */
const withTasks = async (all: readonly VpcHost[]): Promise<readonly Task[]> => {
  const tasks: Task[] = []
  for (const [index, host] of all.entries()) {
    host.tell([...vpcFacts, groupFact('sg-1', [everywhere])])
    tasks.push(await hosts.taskOn(host, 1, 10 + index))
  }
  for (const host of all)
    host.tell(
      all.flatMap((other, index) => {
        const { address = '', fact } = tasks[index] ?? {}
        return [peerOf(other), addressOf(other, address, fact?.macAddress ?? '')]
      }),
    )
  return tasks
}

const reach = async (from: Task | undefined, to: Task | undefined): Promise<void> => {
  await answers(from?.namespace ?? '', to?.address ?? '', 80, to?.address ?? '')
}

it('tasks of two hosts reach each other, and nothing but packets of WireGuard is between them', async () => {
  const counts = hosts.countOnSwitch([
    `udp dport ${wireGuardPort}`,
    `ether type ip udp dport != ${wireGuardPort}`,
    'ip protocol tcp',
  ])
  const dataDirectory = hosts.disk()
  const one = await hosts.encrypted(hosts.machine(1), { dataDirectory })
  const two = await hosts.encrypted(hosts.machine(2))
  const [a, b] = await withTasks([one, two])
  await reach(a, b)
  await reach(b, a)
  const [carried = 0, ...others] = counts()
  expect(carried).toBeGreaterThan(10)
  expect(others).toEqual([0, 0])
  expect(inNamespace(a?.namespace ?? '', 'ip', 'link', 'show', 'eth0')).toContain('mtu 1350')
  expect(statSync(join(dataDirectory, 'wireguard.key')).mode & 0o777).toBe(0o600)
})

it('a host behind a NAT reaches the others and is reached by them', async () => {
  const one = await hosts.encrypted(hosts.machine(1))
  const inside = await hosts.encrypted(hosts.machineBehindNat(2), { endpoint: 'none' })
  const [a, b] = await withTasks([one, inside])
  await reach(a, b)
  await reach(b, a)
})

it('what a large packet needs is told to its sender, who makes it smaller', async () => {
  const [one, two] = [await hosts.encrypted(hosts.machine(1)), await hosts.encrypted(hosts.machine(2))]
  const [a, b] = await withTasks([one, two])
  await reach(a, b)
  const talk = hosts.converse(a?.namespace ?? '', b?.address ?? '', 80)
  await talk.says('x'.repeat(50_000))
})

it('a key that a host has made anew is followed', async () => {
  const [one, two] = [await hosts.encrypted(hosts.machine(1)), await hosts.encrypted(hosts.machine(2))]
  const [a, b] = await withTasks([one, two])
  await reach(a, b)
  const before = two.wireGuard?.told.publicKey
  await two.networks?.stop()
  await two.start({ port: wireGuardPort, endpoint: '', dataDirectory: hosts.disk() })
  expect(two.wireGuard?.told.publicKey).not.toBe(before)
  await silent(a?.namespace ?? '', b?.address ?? '', 80)
  for (const host of [one, two]) host.tell([peerOf(two)])
  await reach(a, b)
  expect(
    inNamespace(one.name, 'wg', 'show', one.wireGuard?.name ?? '', 'peers')
      .trim()
      .split('\n'),
  ).toEqual([two.wireGuard?.told.publicKey])
})

/** Kills the program that carries the link, where the kernel does not itself. */
const kill = (host: VpcHost): void => {
  const { name = '' } = host.wireGuard ?? {}
  try {
    const pid = Number(execFileSync('pgrep', ['-f', `^wireguard-go ${name}$`], { encoding: 'utf8' }))
    process.kill(pid, 'SIGKILL')
  } catch {
    inNamespace(host.name, 'ip', 'link', 'del', name)
  }
}

it('is made anew when it is killed, and nothing leaves the host in the clear meanwhile', async () => {
  const counts = hosts.countOnSwitch(['udp dport 4790'])
  const dataDirectory = hosts.disk()
  const one = await hosts.encrypted(hosts.machine(1), { dataDirectory })
  const two = await hosts.encrypted(hosts.machine(2))
  // A host without the link would send what is for it to its router.
  inNamespace(hosts.machine(9).name, ...'ip address add fd99::fe/64 dev eth0 nodad'.split(' '))
  hosts.giveIpv6(one.name, 1)
  const [a, b] = await withTasks([one, two])
  await reach(a, b)
  await one.networks?.stop()
  kill(one)
  await silent(a?.namespace ?? '', b?.address ?? '', 80)
  expect(counts()).toEqual([0])
  await one.start({ port: wireGuardPort, endpoint: '', dataDirectory })
  await reach(a, b)
  kill(one)
  await reach(b, a)
  expect(counts()).toEqual([0])
})

it('what somebody changes of its keys, peers, address or state is mended', async () => {
  const [one, two] = [await hosts.encrypted(hosts.machine(1)), await hosts.encrypted(hosts.machine(2))]
  const [a, b] = await withTasks([one, two])
  await reach(a, b)
  const { name = '', address = '' } = one.wireGuard ?? {}
  const peer = two.wireGuard?.told.publicKey ?? ''
  for (const harm of [
    `wg set ${name} peer ${peer} remove`,
    `wg set ${name} listen-port 4`,
    `ip address del ${address}/48 dev ${name}`,
    `ip link set ${name} down`,
    `ip link set ${name} mtu 1300`,
  ]) {
    await one.verified()
    const warnings = one.warnings.length
    inNamespace(one.name, ...harm.split(' '))
    await one.verified()
    expect(one.warnings.length, harm).toBe(warnings + 1)
    await reach(a, b)
  }
})

it('is gone when the operator turns it off, and overlays go as they are', async () => {
  const [one, two] = [await hosts.encrypted(hosts.machine(1)), await hosts.encrypted(hosts.machine(2))]
  const [a, b] = await withTasks([one, two])
  await reach(a, b)
  for (const host of [one, two]) {
    await host.networks?.stop()
    await host.start()
  }
  for (const host of [one, two]) host.tell([peerOf(one), peerOf(two)])
  await reach(a, b)
  expect(hosts.traces(one).links?.filter(link => link.startsWith('bwg'))).toEqual([])
})

it('an agent that starts anew keeps connections, and one that begins to speak it moves its overlays', async () => {
  const one = await hosts.encrypted(hosts.machine(1))
  const two = hosts.hostOn(hosts.machine(2))
  await two.start()
  const [a, b] = await withTasks([one, two])
  await silent(a?.namespace ?? '', b?.address ?? '', 80)
  for (const host of [one, two])
    await eventually('the host says so', async () =>
      host.warnings.some(warning => warning.startsWith('other hosts of VPCs are not reached')),
    )
  await two.networks?.stop()
  const settings = { port: wireGuardPort, endpoint: '', dataDirectory: hosts.disk() }
  await two.start(settings)
  for (const host of [one, two]) host.tell([peerOf(two)])
  await reach(a, b)
  const talk = hosts.converse(a?.namespace ?? '', b?.address ?? '', 80)
  await talk.says('before')
  await two.networks?.stop()
  await two.start(settings)
  await talk.says('after')
})
