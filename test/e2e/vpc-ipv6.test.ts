/** IPv6 of VPCs in bare network namespaces. */
import { isDeepStrictEqual } from 'node:util'
import type { NetworkFact } from '@berth/model'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from './berth.ts'
import {
  addressOf,
  answers,
  anyProtocol,
  ask,
  everywhere,
  everywhere6,
  failure,
  groupFact,
  inNamespace,
  interfaceFact,
  peerOf,
  silent,
  subnetFact,
  type VpcHost,
  VpcHosts,
  vpcFacts,
} from './vpc-hosts.ts'

let hosts: VpcHosts
beforeEach(() => {
  hosts = new VpcHosts()
})
afterEach(() => hosts.remove())

const number6 = (subnet: number, last: number): string => `fd50:0:0:${subnet}::${last.toString(16)}`
const subnet6 = (subnet: number, members = {}) =>
  subnetFact(subnet, { ipv6Block: `fd50:0:0:${subnet}::/64`, ...members })

/** A VPC of two subnets whose network ACL lets everything through. */
const facts6: readonly NetworkFact[] = [
  ...vpcFacts,
  {
    key: 'vpc/vpc-1',
    kind: 'vpc',
    vpcId: 'vpc-1',
    number: 7_001,
    blocks: ['10.50.0.0/16', 'fd50::/56'],
    hasDns: true,
  },
  subnet6(1),
  subnet6(2),
  {
    key: 'acl/acl-1',
    kind: 'acl',
    aclId: 'acl-1',
    entries: [true, false].flatMap(isEgress =>
      ['0.0.0.0/0', '::/0'].map(block => ({ isEgress, action: 'allow' as const, protocol: '-1', block })),
    ),
  },
]
const openGroup = groupFact('sg-1', [everywhere, everywhere6], [everywhere, everywhere6])

const hostWith = async (number: number, ...facts: NetworkFact[]): Promise<VpcHost> => {
  const host = await hosts.host(number)
  host.tell([...facts6, openGroup, ...facts])
  return host
}

/** It has an address of both families. */
const taskOn = async (host: VpcHost, subnet: number, last: number, members = {}) => {
  const ipv6Address = number6(subnet, last)
  return { ...(await hosts.taskOn(host, subnet, last, { ipv6Address, ...members })), ipv6Address }
}
type Task = Awaited<ReturnType<typeof taskOn>>

/** Each is told where the addresses of the other are. */
const introduce = (host: VpcHost, other: VpcHost, task: Task): void =>
  host.tell([peerOf(other), addressOf(other, task.address, '02:00:00:00:00:00', task.ipv6Address)])

const pings = (from: Task, to: string, ...options: string[]): boolean => {
  try {
    inNamespace(from.namespace, 'ping', '-6', '-c', '1', '-W', '1', ...options, to)
    return true
  } catch {
    return false
  }
}

describe('tasks of one VPC', () => {
  it('reach each other on one host and on two, from the first packet on, whatever their engine’s default', async () => {
    const [one, two] = [await hostWith(1), await hostWith(2)]
    const a = await taskOn(one, 1, 10)
    const b = await taskOn(one, 2, 11)
    const c = await taskOn(two, 1, 12)
    introduce(one, two, c)
    introduce(two, one, a)
    await answers(a.namespace, b.ipv6Address, 80, b.address)
    await answers(a.namespace, c.ipv6Address, 80, c.address)
    await answers(c.namespace, a.ipv6Address, 80, a.address)
    // As much as a packet of the interface's MTU carries.
    for (const to of [b, c]) expect(pings(a, to.ipv6Address, '-M', 'do', '-s', '1402')).toBe(true)
    expect(ask(a.namespace, number6(1, 99), 80)).toBeUndefined()
    await Promise.all([one.verified(), two.verified()])
    expect([...one.warnings, ...two.warnings]).toEqual([])
  })

  it('have the address that they were given, and make none of their own', async () => {
    const host = await hostWith(1)
    const a = await taskOn(host, 1, 10)
    const shown = inNamespace(a.namespace, 'ip', '-6', '-oneline', 'address', 'show', 'dev', 'eth0')
    expect(shown.trim().split('\n')).toEqual([
      expect.stringContaining('inet6 fd50:0:0:1::a/128 scope global'),
    ])
    expect(shown).not.toContain('tentative')
    expect(inNamespace(a.namespace, 'ip', '-6', 'route', 'show', 'default')).toContain('via fe80::1 dev eth0')
  })

  it('may have IPv4 alone, beside others', async () => {
    const host = await hostWith(1)
    const a = await hosts.taskOn(host, 1, 10)
    const b = await taskOn(host, 1, 11)
    await answers(a.namespace, b.address, 80, b.address)
    expect(inNamespace(a.namespace, 'ip', '-6', 'address', 'show', 'dev', 'eth0')).toBe('')
  })

  it('cannot be on a host whose networks carry packets that are too small for IPv6', async () => {
    const host = await hosts.host(1, 1_300)
    host.tell([...facts6, openGroup])
    const fact = interfaceFact(1, 10, hosts.task(), { ipv6Address: number6(1, 10) })
    host.tell([fact])
    await expect(host.networks?.attach(fact.interfaceId)).rejects.toThrow(/1250 bytes, and IPv6 needs 1280/)
    await expect(hosts.taskOn(host, 1, 11)).resolves.toBeDefined()
  })
})

describe('security groups', () => {
  it('are asked for each family by itself, and for ICMPv6', async () => {
    const host = await hostWith(1)
    const a = await taskOn(host, 1, 10)
    const b = await taskOn(host, 1, 11)
    await answers(a.namespace, b.ipv6Address, 80, b.address)
    const talk = hosts.converse(a.namespace, b.ipv6Address, 80)
    await talk.says('first')
    host.tell([groupFact('sg-1', [everywhere], [everywhere, everywhere6])])
    await silent(a.namespace, b.ipv6Address, 80)
    expect(ask(a.namespace, b.address, 80)).toBe(b.address)
    expect(pings(a, b.ipv6Address)).toBe(false)
    await talk.says('second')
    const echo = { protocol: 'icmpv6', fromPort: 128, toPort: -1, peer: { blocks: ['::/0'] } }
    host.tell([groupFact('sg-1', [everywhere, echo], [everywhere, everywhere6])])
    await eventually('it answers', async () => pings(a, b.ipv6Address))
    expect(ask(a.namespace, b.ipv6Address, 80)).toBeUndefined()
  })

  it('let in the members of a group that a rule names, by the address of either family', async () => {
    const [one, two] = [await hostWith(1), await hostWith(2)]
    const fromClients = { ...anyProtocol, peer: { groupId: 'sg-clients' } }
    for (const host of [one, two])
      host.tell([
        groupFact('sg-1', [fromClients], [everywhere, everywhere6]),
        groupFact('sg-clients', [], [everywhere, everywhere6]),
      ])
    const a = await taskOn(one, 1, 10, { groupIds: ['sg-clients'] })
    const b = await taskOn(two, 2, 11)
    introduce(one, two, b)
    introduce(two, one, a)
    await silent(a.namespace, b.ipv6Address, 80)
    const member: NetworkFact = {
      key: `member/sg-clients/${a.ipv6Address}`,
      kind: 'member',
      groupId: 'sg-clients',
      address: a.ipv6Address,
    }
    two.tell([member])
    await answers(a.namespace, b.ipv6Address, 80, b.address)
    expect(ask(a.namespace, b.address, 80)).toBeUndefined()
    two.tell([], [member.key])
    await silent(a.namespace, b.ipv6Address, 80)
  })

  it('do not see what has another’s address', async () => {
    const host = await hostWith(1)
    const a = await taskOn(host, 1, 10)
    const b = await taskOn(host, 1, 11)
    const c = await taskOn(host, 1, 12)
    const heard = (): string =>
      inNamespace(b.namespace, 'cat', '/proc/net/snmp6').match(/Icmp6InEchos\s+(\d+)/)?.[1] ?? ''
    await eventually('it answers', async () => pings(a, b.ipv6Address))
    const before = heard()
    inNamespace(a.namespace, ...`ip address add ${c.ipv6Address}/128 dev eth0 nodad`.split(' '))
    expect(pings(a, b.ipv6Address, '-I', c.ipv6Address)).toBe(false)
    expect(heard()).toBe(before)
  })
})

describe('network ACLs', () => {
  it('are asked at the border of the subnet’s IPv6 block', async () => {
    const host = await hostWith(1)
    const a = await taskOn(host, 1, 10)
    const b = await taskOn(host, 1, 11)
    const c = await taskOn(host, 2, 12)
    await answers(a.namespace, c.ipv6Address, 80, c.address)
    const entry = (isEgress: boolean, action: 'allow' | 'deny', block: string) => ({
      ...{ isEgress, action, block, protocol: '-1' },
    })
    host.tell([
      {
        key: 'acl/acl-1',
        kind: 'acl',
        aclId: 'acl-1',
        entries: [
          entry(false, 'deny', number6(1, 0).replace(/0$/, '/64')),
          entry(false, 'allow', '::/0'),
          entry(true, 'allow', '::/0'),
        ],
      },
    ])
    await silent(a.namespace, c.ipv6Address, 80)
    expect(ask(a.namespace, b.ipv6Address, 80)).toBe(b.address)
  })
})

describe('the outside', () => {
  /** A machine outside that answers with whom it hears. */
  const world = async () => {
    const machine = hosts.machine(9)
    const address = hosts.giveIpv6(machine.name, 9)
    await hosts.listen(machine.name, 80, 'world')
    return { ...machine, address }
  }

  it('is reached in the host’s name where the subnet leads there, and refused at once where it does not', async () => {
    const host = await hostWith(1)
    hosts.giveIpv6(host.name, 1)
    const { address, name } = await world()
    const a = await taskOn(host, 1, 10)
    const b = await taskOn(host, 2, 11)
    expect(failure(a.namespace, address, 80)).toBe('ECONNREFUSED')
    host.tell([subnet6(1, { outsideIpv6: 'egress-only-gateway' })])
    await answers(a.namespace, address, 80, 'world')
    expect(failure(b.namespace, address, 80)).toBe('ECONNREFUSED')
    const talk = hosts.converse(a.namespace, address, 80)
    await talk.says('hello')
    expect(inNamespace(name, 'ss', '-Htn')).toContain('[fd99::1]')
    // Nothing of the VPC is known outside, and the host lets nothing in.
    inNamespace(name, 'ip', 'route', 'add', 'fd50::/56', 'via', 'fd99::1')
    expect(ask(name, a.ipv6Address, 80)).toBeUndefined()
    host.tell([subnet6(1, { outsideIpv6: 'internet-gateway' })])
    await answers(a.namespace, address, 80, 'world')
    expect(ask(name, a.ipv6Address, 80)).toBeUndefined()
    host.tell([subnet6(1)])
    await eventually('refused', async () => failure(a.namespace, address, 80) === 'ECONNREFUSED')
  })

  it('tells a task that its packets are too big for the way, whatever its groups let in', async () => {
    const host = await hostWith(1, subnet6(1, { outsideIpv6: 'egress-only-gateway' }))
    host.tell([groupFact('sg-1', [], [everywhere6])])
    hosts.giveIpv6(host.name, 1)
    const { address } = await world()
    inNamespace(host.name, ...'ip link set eth0 mtu 1300'.split(' '))
    const a = await taskOn(host, 1, 10)
    await eventually('it is reached', async () => pings(a, address))
    expect(pings(a, address, '-M', 'do', '-s', '1300')).toBe(false)
    expect(inNamespace(a.namespace, 'ip', '-6', 'route', 'get', address)).toContain('mtu 1300')
  })

  it('has neither services of the machine, nor other routers of the host, nor the addresses by which hosts speak WireGuard', async () => {
    const host = await hostWith(1, subnet6(1, { outsideIpv6: 'internet-gateway' }))
    hosts.giveIpv6(host.name, 1)
    for (const address of ['fd00:ec2::254', 'fd62:6572:7468::9'])
      inNamespace(host.name, ...`ip address add ${address}/128 dev lo nodad`.split(' '))
    await hosts.listen(host.name, 80, 'metadata')
    const a = await taskOn(host, 1, 10)
    for (const address of ['fd00:ec2::254', 'fdbe:5e1f:c0a7:1::1', 'fd62:6572:7468::9'])
      expect(failure(a.namespace, address, 80)).toBe('ECONNREFUSED')
  })

  it('is refused at once by a host that has no IPv6, or does not forward it, and its log says so', async () => {
    const host = await hostWith(1, subnet6(1, { outsideIpv6: 'egress-only-gateway' }))
    const { address } = await world()
    const a = await taskOn(host, 1, 10)
    expect(failure(a.namespace, address, 80)).toBe('ECONNREFUSED')
    expect(host.warnings).toEqual([expect.stringContaining('no IPv6 route to the outside')])
    hosts.giveIpv6(host.name, 1)
    await answers(a.namespace, address, 80, 'world')
    hosts.forwardIpv6(host.name, false)
    await eventually('refused', async () => failure(a.namespace, address, 80) === 'ECONNREFUSED')
    expect(host.warnings.at(-1)).toContain('net.ipv6.conf.all.forwarding of the host is 0')
    hosts.forwardIpv6(host.name, true)
    await answers(a.namespace, address, 80, 'world')
  })
})

describe('an agent', () => {
  it('that starts anew keeps addresses and connections', async () => {
    const host = await hostWith(1)
    const a = await taskOn(host, 1, 10)
    const b = await taskOn(host, 1, 11)
    const talk = hosts.converse(a.namespace, b.ipv6Address, 80)
    await talk.says('before')
    await host.networks?.stop()
    await host.start()
    await talk.says('after')
    expect(ask(b.namespace, a.ipv6Address, 80)).toBe(a.address)
  })

  it('mends what somebody takes away of IPv6', async () => {
    const host = await hostWith(1, subnet6(1, { outsideIpv6: 'egress-only-gateway' }))
    hosts.giveIpv6(host.name, 1)
    const world = hosts.machine(9)
    const outside = hosts.giveIpv6(world.name, 9)
    await hosts.listen(world.name, 80, 'world')
    const a = await taskOn(host, 1, 10)
    const b = await taskOn(host, 1, 11)
    await answers(a.namespace, outside, 80, 'world')
    const harms = [
      `ip -n ${host.router} -6 route flush root fd50::/56`,
      `ip -n ${host.router} -6 route flush default`,
      `ip -n ${host.router} -6 neigh flush all nud permanent`,
      `ip -n ${host.router} link delete up0`,
      `ip -6 route flush root fdbe::/16`,
      'nft flush ruleset',
      `ip netns delete ${host.router}`,
    ]
    const before = hosts.kernelState(host)
    for (const harm of harms) {
      inNamespace(host.name, ...harm.split(' '))
      await eventually(`mended: ${harm}`, async () => hosts.kernelState(host) === before, 20_000)
      expect(ask(a.namespace, b.ipv6Address, 80), harm).toBe(b.address)
      expect(ask(a.namespace, outside, 80), harm).toBe('world')
    }
  })

  it('leaves nothing of a VPC whose last interface has gone', async () => {
    const host = await hostWith(1, subnet6(1, { outsideIpv6: 'egress-only-gateway' }))
    hosts.giveIpv6(host.name, 1)
    const before = hosts.traces(host)
    const a = await taskOn(host, 1, 10)
    const tables = hosts.traces(host).tables?.filter(name => name === `berth-vpc-${host.tag}`)
    expect(tables).toHaveLength(2)
    await host.networks?.detach(a.fact.interfaceId)
    // The kernel takes a namespace's links away a little later.
    await eventually('nothing is left', async () => isDeepStrictEqual(hosts.traces(host), before))
  })
})
