import { afterEach, beforeEach, expect, it } from 'vitest'
import { eventually } from './berth.ts'
import { Datagrams, forgedDatagram, sendDatagrams } from './overlay-packets.ts'
import {
  addressOf,
  everywhere,
  groupFact,
  inNamespace,
  peerOf,
  type VpcHost,
  VpcHosts,
  vpcFacts,
} from './vpc-hosts.ts'

let hosts: VpcHosts
let one: VpcHost
let two: VpcHost
let heard: Datagrams
let others: Datagrams
let sender: string

const vpcNumber = 7_001
const port = 9_000
const otherPort = 9_001
/** As a host of the VPC would say it, from an address that host two has. */
const forged = (text: string) => ({
  ...{ number: vpcNumber, host: one.address, from: '10.50.2.12', to: '10.50.1.10', port, text },
})

/** A container on a bridge of the host, as an engine makes it. */
const containerOn = (host: VpcHost): string => {
  const name = hosts.task()
  for (const line of [
    'link add docker0 type bridge',
    'address add 172.17.0.1/16 dev docker0',
    'link set docker0 up',
    `link add vethc type veth peer name eth0 netns ${name}`,
    'link set vethc master docker0 up',
  ])
    inNamespace(host.name, 'ip', ...line.split(' '))
  for (const line of [
    'address add 172.17.0.2/16 dev eth0',
    'link set eth0 up',
    'route add default via 172.17.0.1',
  ])
    inNamespace(name, 'ip', ...line.split(' '))
  const masquerade = '-t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE'
  inNamespace(host.name, 'iptables', ...masquerade.split(' '))
  return name
}

/** Sends it between two other datagrams to the same host, which come: so it has come, too, if nothing has dropped it. */
const forge = async (from: string, text: string): Promise<void> => {
  const other = (bytes: string) => ({ to: one.address, port: otherPort, bytes })
  await eventually('the way is open', async () => {
    sendDatagrams(from, [other(`before ${text}`)])
    return others.heard.includes(`before ${text}`)
  })
  sendDatagrams(from, [forgedDatagram(forged(text)), other(`after ${text}`)])
  await eventually('what was sent later has come', async () => others.heard.includes(`after ${text}`))
}

/** What a task of host two says is heard still. */
const hearsOnlyHonest = async (): Promise<void> => {
  await eventually('a task of host two is heard', async () => {
    sendDatagrams(sender, [{ to: '10.50.1.10', port, bytes: 'honest' }])
    return heard.heard.includes('honest')
  })
  expect(new Set(heard.heard)).toEqual(new Set(['honest']))
}

beforeEach(async () => {
  hosts = new VpcHosts()
  one = await hosts.host(1)
  two = await hosts.host(2)
  for (const host of [one, two]) host.tell([...vpcFacts, groupFact('sg-1', [everywhere])])
  const a = await hosts.taskOn(one, 1, 10)
  const b = await hosts.taskOn(two, 2, 12)
  one.tell([peerOf(two), addressOf(two, b.address, b.fact.macAddress)])
  two.tell([peerOf(one), addressOf(one, a.address, a.fact.macAddress)])
  sender = b.namespace
  heard = await Datagrams.listen(a.namespace, port)
  others = await Datagrams.listen(one.name, otherPort)
  await hearsOnlyHonest()
  heard.heard.length = 0
})
afterEach(async () => {
  heard?.stop()
  others?.stop()
  await hosts.remove()
})

it('a machine that is no host of the VPC does not speak its overlay', async () => {
  await forge(hosts.machine(9).name, 'from a stranger')
  await hearsOnlyHonest()
})

it('a process of another host, which is in the VPC, does not speak it either', async () => {
  await forge(two.name, 'from a process')
  await hearsOnlyHonest()
})

it('a container on a bridge is believed neither by its own host nor, behind its address, by another one', async () => {
  await forge(containerOn(two), 'from a container of the other host')
  const own = containerOn(one)
  await forge(own, 'from a container')
  inNamespace(own, ...`ip address add ${two.address}/32 dev lo`.split(' '))
  inNamespace(own, ...`ip route replace default via 172.17.0.1 src ${two.address}`.split(' '))
  inNamespace(one.name, 'sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=0', 'net.ipv4.conf.docker0.rp_filter=0')
  await forge(own, 'from a container under the other host’s address')
  await hearsOnlyHonest()
})

it('a host that leaves the VPC is no longer believed, and what somebody takes away of the rules comes again', async () => {
  const table = `berth-overlay-${one.tag}`
  const listed = () => inNamespace(one.name, 'nft', 'list', 'table', 'inet', table)
  const isListed = async () => listed().includes(`elements = { ${two.address} }`)
  await eventually('host two is let in', isListed)
  await one.verified()
  const before = listed()
  inNamespace(
    one.name,
    'nft',
    'delete',
    'element',
    'inet',
    table,
    `ip-hosts-${vpcNumber}`,
    `{ ${two.address} }`,
  )
  await eventually('the set is mended', async () => listed() === before)
  await one.verified()
  inNamespace(one.name, 'nft', 'flush', 'ruleset')
  await eventually('the table is mended', async () => {
    try {
      return listed() === before
    } catch {
      return false
    }
  })
  one.tell([], [`peer/vpc-1/${two.arn}`])
  await eventually('nobody is let in', async () => !listed().includes(two.address))
})
