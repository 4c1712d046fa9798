import type { NetworkFact } from '@berth/model'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { InterfaceUnknown } from '../../packages/agent/src/network/index.ts'
import { eventually } from './berth.ts'
import {
  addressOf,
  answers,
  anyProtocol,
  ask,
  everywhere,
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

const taskOn = (host: VpcHost, subnet: number, last: number, members = {}) =>
  hosts.taskOn(host, subnet, last, members)

/** Each is told where the addresses of the other are. */
const introduce = (host: VpcHost, other: VpcHost, address: string): void =>
  host.tell([peerOf(other), addressOf(other, address, '02:00:00:00:00:00')])

describe('tasks of one VPC', () => {
  it('reach each other on one host and on two, and what is nobody’s address is silent', async () => {
    const [one, two] = [await hosts.host(1), await hosts.host(2)]
    for (const host of [one, two]) host.tell([...vpcFacts, groupFact('sg-1', [everywhere])])
    const a = await taskOn(one, 1, 10)
    const b = await taskOn(one, 1, 11)
    const c = await taskOn(two, 2, 12)
    introduce(one, two, c.address)
    introduce(two, one, a.address)
    await answers(a.namespace, b.address, 80, b.address)
    await answers(a.namespace, c.address, 80, c.address)
    await answers(c.namespace, a.address, 80, a.address)
    expect(ask(a.namespace, '10.50.9.9', 80)).toBeUndefined()
    expect(inNamespace(a.namespace, 'ip', 'link', 'show', 'eth0')).toContain('mtu 1450')
  })
})

describe('two VPCs of one host', () => {
  it('may have the same addresses, and one stays when the other goes', async () => {
    const host = await hosts.host(1)
    host.tell([...vpcFacts, groupFact('sg-1', [everywhere])])
    host.tell([
      {
        key: 'vpc/vpc-2',
        kind: 'vpc',
        vpcId: 'vpc-2',
        number: 7_002,
        blocks: ['10.50.0.0/16'],
        hasDns: true,
      },
      subnetFact(3, { vpcId: 'vpc-2', block: '10.50.1.0/24' }),
    ])
    const elsewhere = { vpcId: 'vpc-2', address: '10.50.1.10' }
    const a = await taskOn(host, 1, 10)
    const b = await taskOn(host, 1, 11)
    const other = await taskOn(host, 3, 10, elsewhere)
    await hosts.listen(other.namespace, 81, 'the other')
    expect(ask(b.namespace, '10.50.1.10', 80)).toBe(a.address)
    expect(ask(b.namespace, '10.50.1.10', 81)).toBeUndefined()
    expect(ask(other.namespace, b.address, 80)).toBeUndefined()
    await host.networks?.detach(other.fact.interfaceId)
    const c = await taskOn(host, 1, 12)
    expect(ask(c.namespace, a.address, 80)).toBe(a.address)
    expect(hosts.traces(host).namespaces).toEqual([host.router])
  })
})

describe('security groups', () => {
  it('are opened and closed at run time, and what is under way goes on', async () => {
    const host = await hosts.host(1)
    host.tell([...vpcFacts, groupFact('sg-1', [])])
    const a = await taskOn(host, 1, 10)
    const b = await taskOn(host, 1, 11)
    await silent(a.namespace, b.address, 80)
    const port80 = { protocol: 'tcp', fromPort: 80, toPort: 80, peer: { blocks: ['10.50.1.0/24'] } }
    host.tell([groupFact('sg-1', [port80])])
    await answers(a.namespace, b.address, 80, b.address)
    await hosts.listen(b.namespace, 81, 'other port')
    expect(ask(a.namespace, b.address, 81)).toBeUndefined()
    const talk = hosts.converse(a.namespace, b.address, 80)
    await talk.says('first')
    host.tell([groupFact('sg-1', [])])
    await silent(a.namespace, b.address, 80)
    await talk.says('second')
  })

  it('let in the members of a group that a rule names, on other hosts too, as soon as they are members', async () => {
    const [one, two] = [await hosts.host(1), await hosts.host(2)]
    const fromClients = { ...anyProtocol, peer: { groupId: 'sg-clients' } }
    for (const host of [one, two])
      host.tell([...vpcFacts, groupFact('sg-1', [fromClients]), groupFact('sg-clients', [])])
    const a = await taskOn(one, 1, 10, { groupIds: ['sg-clients'] })
    const b = await taskOn(two, 2, 11)
    introduce(one, two, b.address)
    introduce(two, one, a.address)
    await silent(a.namespace, b.address, 80)
    const member: NetworkFact = {
      key: `member/sg-clients/${a.address}`,
      kind: 'member',
      groupId: 'sg-clients',
      address: a.address,
    }
    two.tell([member])
    await answers(a.namespace, b.address, 80, b.address)
    two.tell([], [member.key])
    await silent(a.namespace, b.address, 80)
  })

  it('keep in what their egress rules do not name, and what has another’s address', async () => {
    const host = await hosts.host(1)
    const toPort81 = { protocol: 'tcp', fromPort: 81, toPort: 81, peer: { blocks: ['0.0.0.0/0'] } }
    host.tell([...vpcFacts, groupFact('sg-1', [everywhere]), groupFact('sg-2', [], [toPort81])])
    const a = await taskOn(host, 1, 10, { groupIds: ['sg-2'] })
    const b = await taskOn(host, 1, 11)
    const c = await taskOn(host, 1, 12)
    await hosts.listen(b.namespace, 81, 'eighty-one')
    await answers(a.namespace, b.address, 81, 'eighty-one')
    expect(ask(a.namespace, b.address, 80)).toBeUndefined()
    // Answers would not come back here: what is heard there is counted.
    const heard = (): string =>
      inNamespace(b.namespace, 'cat', '/proc/net/snmp').match(/^Icmp: (\d+)/m)?.[1] ?? ''
    const ping = (...from: string[]): string =>
      inNamespace(c.namespace, 'sh', '-c', `ping -c 1 -W 1 ${[...from, b.address].join(' ')} || true`)
    const before = Number(heard())
    expect(ping()).toContain(' 0% packet loss')
    expect(Number(heard())).toBe(before + 1)
    inNamespace(c.namespace, ...`ip address add ${a.address}/32 dev eth0`.split(' '))
    expect(ping('-I', a.address)).toContain('100% packet loss')
    expect(Number(heard())).toBe(before + 1)
  })
})

it('a task that asks its router for its address in the name of others does not fill the table of neighbours', async () => {
  const host = await hosts.host(1)
  host.tell([...vpcFacts, groupFact('sg-1', [everywhere])])
  const a = await taskOn(host, 1, 10)
  for (const line of ['address add 192.0.2.77/32 dev eth0', 'route add 169.254.1.1 dev eth0 src 192.0.2.77'])
    inNamespace(a.namespace, 'ip', ...line.split(' '))
  inNamespace(a.namespace, 'sh', '-c', 'ping -c 1 -W 1 169.254.1.1 || true')
  expect(inNamespace(a.namespace, 'ip', 'neigh', 'show', '169.254.1.1')).toMatch(/FAILED|INCOMPLETE/)
  expect(inNamespace(host.router, 'ip', 'neigh', 'show')).not.toContain('192.0.2.77')
})

describe('network ACLs', () => {
  it('are asked at the border of a subnet alone, of every packet', async () => {
    const host = await hosts.host(1)
    host.tell([...vpcFacts, groupFact('sg-1', [everywhere])])
    const a = await taskOn(host, 1, 10)
    const b = await taskOn(host, 1, 11)
    const c = await taskOn(host, 2, 12)
    await answers(a.namespace, c.address, 80, c.address)
    const talk = hosts.converse(a.namespace, c.address, 80)
    await talk.says('while it may')
    const entry = (isEgress: boolean, action: 'allow' | 'deny', ports?: { from: number; to: number }) => ({
      isEgress,
      action,
      protocol: '6',
      block: '0.0.0.0/0',
      ...(ports && { ports }),
    })
    host.tell([
      {
        key: 'acl/acl-1',
        kind: 'acl',
        aclId: 'acl-1',
        entries: [entry(false, 'deny', { from: 80, to: 80 }), entry(false, 'allow'), entry(true, 'allow')],
      },
    ])
    await silent(a.namespace, c.address, 80)
    await answers(a.namespace, b.address, 80, b.address)
    await expect(talk.says('no longer', 1_000)).rejects.toThrow('nothing came back')
  })
})

describe('the outside', () => {
  it('is reached as the subnet says: not at all, by a NAT gateway, or with a public address', async () => {
    const host = await hosts.host(1)
    const world = hosts.machine(9)
    await hosts.listen(world.name, 80, 'world')
    host.tell([...vpcFacts, subnetFact(1, { outside: 'none' }), groupFact('sg-1', [everywhere])])
    const a = await taskOn(host, 1, 10)
    expect(ask(a.namespace, world.address, 80)).toBeUndefined()
    host.tell([subnetFact(1, { outside: 'nat-gateway' })])
    await answers(a.namespace, world.address, 80, 'world')
    host.tell([subnetFact(1, { outside: 'internet-gateway' })])
    await silent(a.namespace, world.address, 80)
    host.tell([{ ...a.fact, publicAddress: '10.99.0.200' }])
    inNamespace(world.name, ...`ip route add 10.99.0.200/32 via ${host.address}`.split(' '))
    await answers(a.namespace, world.address, 80, 'world')
    await answers(world.name, '10.99.0.200', 80, a.address)
    host.tell([groupFact('sg-1', [])])
    await silent(world.name, '10.99.0.200', 80)
  })

  it('has the endpoints of the host, whatever groups and ACLs say, and no other link-local address', async () => {
    const host = await hosts.host(1)
    host.tell([...vpcFacts, subnetFact(1, { outside: 'none' }), groupFact('sg-1', [], [])])
    for (const address of ['169.254.170.2', '169.254.170.53', '169.254.169.254'])
      inNamespace(host.name, 'ip', 'address', 'add', `${address}/32`, 'dev', 'lo')
    await hosts.listen(host.name, 80, 'endpoints')
    await hosts.listen(host.name, 53, 'resolver')
    const a = await taskOn(host, 1, 10)
    const b = await taskOn(host, 1, 11)
    expect(ask(a.namespace, '169.254.170.2', 80)).toBe('endpoints')
    expect(ask(a.namespace, '169.254.169.253', 53)).toBe('resolver')
    expect(ask(a.namespace, '10.50.0.2', 53)).toBe('resolver')
    expect(ask(a.namespace, '169.254.169.254', 80)).toBeUndefined()
    const links = host.store.heldInterfaces()
    expect(links.map(held => host.networks?.interfaceAt(held.linkAddress)?.fact.address)).toEqual([
      a.address,
      b.address,
    ])
    expect(ask(a.namespace, links[1]?.linkAddress ?? '', 80)).toBeUndefined()
  })
})

describe('an agent', () => {
  it('that starts anew keeps addresses and connections', async () => {
    const host = await hosts.host(1)
    host.tell([...vpcFacts, groupFact('sg-1', [everywhere])])
    const a = await taskOn(host, 1, 10)
    const b = await taskOn(host, 1, 11)
    const talk = hosts.converse(a.namespace, b.address, 80)
    await talk.says('before')
    await host.networks?.stop()
    await host.start()
    await talk.says('after')
    expect(ask(b.namespace, a.address, 80)).toBe(a.address)
  })

  it('mends rules, routes, links and the uplink that somebody takes away', async () => {
    const host = await hosts.host(1)
    const world = hosts.machine(9)
    await hosts.listen(world.name, 80, 'world')
    host.tell([...vpcFacts, groupFact('sg-1', [everywhere])])
    const a = await taskOn(host, 1, 10)
    const b = await taskOn(host, 1, 11)
    const harms = [
      `ip netns exec ${host.router} nft flush ruleset`,
      `ip -n ${host.router} route flush root 10.50.0.0/16`,
      `ip -n ${host.router} neigh flush all nud permanent`,
      `ip -n ${host.router} link delete up0`,
      `ip netns exec ${host.name} nft flush ruleset`,
      `ip netns delete ${host.router}`,
    ]
    const before = hosts.kernelState(host)
    for (const harm of harms) {
      inNamespace(host.name, ...harm.split(' '))
      await eventually(`mended: ${harm}`, async () => hosts.kernelState(host) === before, 20_000)
      expect(ask(a.namespace, b.address, 80), harm).toBe(b.address)
      expect(ask(a.namespace, world.address, 80), harm).toBe('world')
    }
  })

  it('leaves nothing of a VPC whose last interface has gone', async () => {
    const host = await hosts.host(1)
    const before = hosts.traces(host)
    host.tell([...vpcFacts, groupFact('sg-1', [everywhere])])
    const a = await taskOn(host, 1, 10)
    const b = await taskOn(host, 1, 11)
    await host.networks?.detach(a.fact.interfaceId)
    expect(hosts.traces(host).namespaces).toHaveLength(1)
    await host.networks?.detach(b.fact.interfaceId)
    expect(hosts.traces(host)).toEqual(before)
    expect(host.store.heldInterfaces()).toEqual([])
  })

  it('takes away what an earlier life of it left of tasks that have gone meanwhile', async () => {
    const host = await hosts.host(1)
    const before = hosts.traces(host)
    host.tell([...vpcFacts, groupFact('sg-1', [everywhere])])
    await taskOn(host, 1, 10)
    await host.networks?.stop()
    for (const { fact } of host.store.heldInterfaces()) host.store.releaseInterface(fact.interfaceId)
    await host.start()
    expect(hosts.traces(host)).toEqual(before)
  })
})

it('an interface that the control plane does not tell of is waited for, and then refused', async () => {
  const host = await hosts.host(1)
  host.tell(vpcFacts)
  const fact = interfaceFact(1, 10, hosts.task())
  const attached = host.networks?.attach(fact.interfaceId)
  host.tell([fact])
  await expect(attached).resolves.toMatchObject({ fact })
  await expect(host.networks?.attach('eni-unknown')).rejects.toThrow(InterfaceUnknown)
})

describe('a load balancer’s interface', () => {
  it('is in a namespace of its own, which the programs of the host can use, and goes with it', async () => {
    const host = await hosts.host(1)
    host.tell([...vpcFacts, groupFact('sg-1', [everywhere])])
    const a = await taskOn(host, 1, 10)
    const fact = interfaceFact(2, 20, '', {
      holder: { kind: 'load-balancer', loadBalancerArn: 'arn:lb' },
    })
    host.tell([fact])
    const namespace = host.networks?.loadBalancerNamespace(fact.interfaceId) ?? ''
    await answers(namespace, a.address, 80, a.address)
    host.tell([], [fact.key])
    await eventually(
      'its namespace is gone',
      async () => hosts.traces(host).namespaces.join() === host.router,
    )
  })
})
