import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import type {
  AddressFact,
  InterfaceFact,
  NetworkFact,
  PeerFact,
  SecurityGroupRule,
  SubnetFact,
} from '@berth/model'
import { type Clock, systemClock } from '../../packages/agent/src/clock.ts'
import { createFacts, type Facts } from '../../packages/agent/src/facts/index.ts'
import { silentLog } from '../../packages/agent/src/log.ts'
import { type RunCommand, runCommand } from '../../packages/agent/src/metadata/index.ts'
import {
  startVpcNetworks,
  type VpcNetworks,
  type WireGuardSettings,
} from '../../packages/agent/src/network/index.ts'
import { tagOf } from '../../packages/agent/src/network/names.ts'
import { openWireGuard } from '../../packages/agent/src/network/open-wire-guard.ts'
import type { Underlay } from '../../packages/agent/src/network/underlay.ts'
import type { WireGuardLink } from '../../packages/agent/src/network/wireguard-link.ts'
import { createMemoryStateStore } from '../../packages/agent/src/state/state-store.ts'
import { askBeside } from './asking.ts'
import { eventually } from './berth.ts'

export { ask } from './asking.ts'

const sh = (...args: string[]): string => {
  const [program = '', ...rest] = args
  return execFileSync(program, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

export const anyProtocol = { protocol: '-1', fromPort: -1, toPort: -1 }
export const everywhere: SecurityGroupRule = { ...anyProtocol, peer: { blocks: ['0.0.0.0/0'] } }
export const everywhere6: SecurityGroupRule = { ...anyProtocol, peer: { blocks: ['::/0'] } }

const patience = [10_000, 60_000]
/** What is looked at each ten seconds, and waited for a minute, takes less here. */
const hastyClock: Clock = {
  ...systemClock,
  after: (delayMs, run) => systemClock.after(patience.includes(delayMs) ? 300 : delayMs, run),
}

/** One host: a network namespace, and what an agent keeps in it. */
export class VpcHost {
  readonly name: string
  readonly tag: string
  readonly address: string
  readonly arn: string
  #looks = 0
  readonly store = createMemoryStateStore()
  facts: Facts = createFacts(this.store)
  networks: VpcNetworks | undefined
  /** What its agent has warned of. */
  readonly warnings: string[] = []

  readonly #underlay: Underlay
  /** Who speaks it; undefined: the host does not. */
  wireGuard: WireGuardLink | undefined

  constructor(name: string, address: string, mtu: number) {
    this.#underlay = { address, mtu }
    this.name = name
    this.tag = tagOf(`/var/lib/${name}`)
    this.address = address
    this.arn = `arn:host/${name}`
  }

  readonly run: RunCommand = (program, args, input) => {
    if (args.includes('fdb') && args.includes('show')) this.#looks += 1
    return runCommand('nsenter', [`--net=/run/netns/${this.name}`, program, ...args], input)
  }

  /** As an agent does when it starts, with what it kept on its disk. */
  async start(settings?: WireGuardSettings & { readonly dataDirectory: string }): Promise<VpcNetworks> {
    this.facts = createFacts(this.store)
    const { run, tag } = this
    const log = {
      ...silentLog,
      warn: (details: object, message: string) =>
        void this.warnings.push(`${message} ${JSON.stringify(details)}`),
    }
    const { dataDirectory = '' } = settings ?? {}
    const underlay = this.#underlay
    const opened = await openWireGuard({ run, log, tag, dataDirectory, settings, underlay })
    this.wireGuard = opened?.wireGuard
    this.networks = await startVpcNetworks({
      run,
      clock: hastyClock,
      log,
      facts: this.facts,
      store: this.store,
      tag,
      underlay,
      reachesInstanceMetadata: false,
      ...opened,
      knowsTask: () => true,
      taskNamespace: async taskArn => `/run/netns/${taskArn}`,
    })
    return this.networks
  }

  /** Resolves when what the kernel has was looked at twice more. */
  verified(): Promise<unknown> {
    const from = this.#looks
    return eventually('the host is looked at', async () => this.#looks > from + 1)
  }

  tell(facts: readonly NetworkFact[], gone: readonly string[] = []): void {
    this.facts.take({ topic: 'network', isWhole: false, facts, gone })
  }

  get router(): string {
    return `berth-${this.tag}-vpc-1`
  }
}

/** A few hosts on one switch, with tasks that are bare namespaces; everything is gone after `remove`. */
export class VpcHosts {
  readonly #id = randomBytes(3).toString('hex')
  readonly #namespaces: string[] = []
  readonly #processes: ChildProcess[] = []
  readonly hosts: VpcHost[] = []
  #count = 0

  constructor() {
    this.add(this.switchName)
    sh('ip', '-n', this.switchName, 'link', 'add', 'br0', 'type', 'bridge')
    sh('ip', '-n', this.switchName, 'link', 'set', 'br0', 'up')
  }

  get switchName(): string {
    return `vt${this.#id}-switch`
  }

  /** A namespace that goes with the others. */
  add(name: string): void {
    sh('ip', 'netns', 'add', name)
    this.#namespaces.push(name)
    sh('ip', '-n', name, 'link', 'set', 'lo', 'up')
  }

  /** A machine on the switch: 10.99.0.N. */
  machine(number: number): { name: string; address: string } {
    const name = `vt${this.#id}-m${number}`
    const address = `10.99.0.${number}`
    this.add(name)
    sh(...`ip -n ${this.switchName} link add m${number} type veth peer name eth0 netns ${name}`.split(' '))
    sh(...`ip -n ${this.switchName} link set m${number} master br0 up`.split(' '))
    sh(...`ip -n ${name} address add ${address}/24 dev eth0`.split(' '))
    sh(...`ip -n ${name} link set eth0 up`.split(' '))
    sh(...`ip netns exec ${name} sysctl -qw net.ipv4.ip_forward=1`.split(' '))
    return { name, address }
  }

  /** fd99::N, with a way to everywhere; it forwards what others send. */
  giveIpv6(name: string, number: number): string {
    const address = `fd99::${number}`
    sh(...`ip -n ${name} address add ${address}/64 dev eth0 nodad`.split(' '))
    sh(...`ip -n ${name} route add default via fd99::fe dev eth0`.split(' '))
    this.forwardIpv6(name, true)
    return address
  }

  forwardIpv6(name: string, isOn: boolean): void {
    sh(...`ip netns exec ${name} sysctl -qw net.ipv6.conf.all.forwarding=${isOn ? 1 : 0}`.split(' '))
  }

  async host(number: number, mtu = 1500): Promise<VpcHost> {
    const host = this.hostOn(this.machine(number), mtu)
    await host.start()
    return host
  }

  /** Its agent has not started. */
  hostOn({ name, address }: { readonly name: string; readonly address: string }, mtu = 1500): VpcHost {
    const host = new VpcHost(name, address, mtu)
    this.hosts.push(host)
    return host
  }

  /** The namespace of a task, as its pause container would hold it: engines give it no IPv6. */
  task(): string {
    const name = `vt${this.#id}-t${++this.#count}`
    this.add(name)
    for (const which of ['all', 'default'])
      sh(...`ip netns exec ${name} sysctl -qw net.ipv6.conf.${which}.disable_ipv6=1`.split(' '))
    return name
  }

  /** A task with an interface, that listens on port 80 and says its IPv4 address. */
  async taskOn(host: VpcHost, subnet: number, last: number, members: Partial<InterfaceFact> = {}) {
    const namespace = this.task()
    const fact = interfaceFact(subnet, last, namespace, members)
    host.tell([fact])
    await host.networks?.attach(fact.interfaceId)
    await this.listen(namespace, 80, fact.address)
    return { namespace, fact, address: fact.address }
  }

  /** Echoes what it is sent. */
  async listen(namespace: string, port: number, text: string): Promise<void> {
    const script = `require('net').createServer(s=>{s.on('error',()=>{});s.on('data',d=>s.write(d));s.write(${JSON.stringify(text)})}).listen(${port},()=>console.log('up'))`
    const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#processes.push(child)
    await new Promise(resolve => child.stdout.once('data', resolve))
  }

  /** A connection that stays open. `says` resolves once the other end has sent the words back. */
  converse(namespace: string, address: string, port: number) {
    const script = `const s=require('net').connect(${port},'${address}');process.stdin.pipe(s);s.pipe(process.stdout)`
    const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#processes.push(child)
    let heard = ''
    child.stdout.on('data', chunk => {
      heard += chunk
    })
    return {
      says: async (words: string, withinMs = 5_000): Promise<void> => {
        child.stdin.write(words)
        await eventually('nothing came back', async () => heard.includes(words), withinMs).catch(() => {
          throw new Error('nothing came back')
        })
      },
    }
  }

  /** What the kernel has of the VPC, as its programs print it. */
  kernelState(host: VpcHost): string {
    const inHost = (...args: string[]) => sh('ip', 'netns', 'exec', host.name, ...args)
    const inRouter = (...args: string[]) => inHost('ip', 'netns', 'exec', host.router, ...args)
    try {
      return [
        inRouter('nft', 'list', 'ruleset'),
        inRouter('ip', 'route', 'show'),
        inRouter('ip', '-6', 'route', 'show'),
        inRouter('ip', 'neigh', 'show', 'nud', 'permanent').split('\n').toSorted().join('\n'),
        inHost('nft', 'list', 'table', 'ip', `berth-vpc-${host.tag}`),
        inHost('ip', 'route', 'show'),
        inHost('ip', '-6', 'route', 'show'),
        inHost('iptables', '-S', 'FORWARD'),
        inHost('ip6tables', '-S', 'FORWARD'),
        ...(inHost('nft', 'list', 'tables').includes(`ip6 berth-vpc-${host.tag}`)
          ? [inHost('nft', 'list', 'table', 'ip6', `berth-vpc-${host.tag}`)]
          : []),
      ].join('\n')
    } catch (error) {
      return String(error)
    }
  }

  /** What of networks a host has that is there for its VPCs alone. */
  traces(host: VpcHost) {
    const inHost = (...args: string[]) => sh('ip', 'netns', 'exec', host.name, ...args)
    return {
      namespaces: sh('ip', 'netns', 'list')
        .split('\n')
        .map(line => line.split(' ')[0] ?? '')
        .filter(name => name.startsWith(`berth-${host.tag}-`)),
      links: inHost('ip', '-brief', 'link', 'show').match(/^\S+/gm),
      routes: inHost('ip', 'route', 'show') + inHost('ip', '-6', 'route', 'show'),
      tables: inHost('nft', 'list', 'tables').match(/berth.*/g),
      forwarding: inHost('iptables', '-S', 'FORWARD') + inHost('ip6tables', '-S', 'FORWARD'),
    }
  }

  async remove(): Promise<void> {
    for (const child of this.#processes) child.kill('SIGKILL')
    for (const { networks } of this.hosts) await networks?.stop()
    for (const { wireGuard, run } of this.hosts)
      if (wireGuard) await run('ip', ['link', 'del', wireGuard.name]).catch(() => '')
    const left = sh('ip', 'netns', 'list')
      .split('\n')
      .map(line => line.split(' ')[0] ?? '')
      .filter(name => this.hosts.some(({ tag }) => name.startsWith(`berth-${tag}-`)))
    for (const name of [...left, ...this.#namespaces]) sh('ip', 'netns', 'delete', name)
  }
}

/** Why a connection cannot be: the error's code, or that nothing comes within a moment. */
export const failure = (namespace: string, address: string, port: number): string => {
  const script = `const s=require('net').connect(${port},'${address}');s.setTimeout(700,()=>{console.log('silence');process.exit()});s.on('error',e=>{console.log(e.code);process.exit()});s.on('connect',()=>{console.log('none');process.exit()})`
  return sh('ip', 'netns', 'exec', namespace, process.execPath, '-e', script).trim()
}

export const answers = (namespace: string, address: string, port: number, text: string): Promise<unknown> =>
  eventually(
    `${address}:${port} answers`,
    async () => (await askBeside(namespace, address, port)) === text,
    20_000,
  )

export const silent = (namespace: string, address: string, port: number): Promise<unknown> =>
  eventually(
    `${address}:${port} is silent`,
    async () => (await askBeside(namespace, address, port)) === undefined,
    20_000,
  )

export const inNamespace = (namespace: string, ...args: string[]): string =>
  sh('ip', 'netns', 'exec', namespace, ...args)

export const subnetFact = (number: number, members: Partial<SubnetFact> = {}): SubnetFact => ({
  key: `subnet/subnet-${number}`,
  kind: 'subnet',
  subnetId: `subnet-${number}`,
  vpcId: 'vpc-1',
  block: `10.50.${number}.0/24`,
  aclId: 'acl-1',
  outside: 'nat-gateway',
  ...members,
})

export const interfaceFact = (
  subnet: number,
  last: number,
  taskArn: string,
  members: Partial<InterfaceFact> = {},
): InterfaceFact => {
  const interfaceId = `eni-0000000${subnet}${String(last).padStart(9, '0')}`
  return {
    key: `interface/${interfaceId}`,
    kind: 'interface',
    interfaceId,
    vpcId: 'vpc-1',
    subnetId: `subnet-${subnet}`,
    macAddress: `02:00:00:00:0${subnet}:${last.toString(16).padStart(2, '0')}`,
    address: `10.50.${subnet}.${last}`,
    groupIds: ['sg-1'],
    holder: { kind: 'task', taskArn },
    ...members,
  }
}

export const groupFact = (
  groupId: string,
  ingress: readonly SecurityGroupRule[],
  egress: readonly SecurityGroupRule[] = [everywhere],
): NetworkFact => ({ key: `group/${groupId}`, kind: 'group', groupId, ingress, egress })

const openAcl = [true, false].map(
  isEgress => ({ isEgress, action: 'allow', protocol: '-1', block: '0.0.0.0/0' }) as const,
)

/** A VPC of two subnets whose network ACL lets everything through. */
export const vpcFacts: readonly NetworkFact[] = [
  { key: 'vpc/vpc-1', kind: 'vpc', vpcId: 'vpc-1', number: 7_001, blocks: ['10.50.0.0/16'], hasDns: true },
  subnetFact(1),
  subnetFact(2),
  { key: 'acl/acl-1', kind: 'acl', aclId: 'acl-1', entries: openAcl },
]

export const addressOf = (
  host: VpcHost,
  address: string,
  macAddress: string,
  ipv6Address?: string,
): AddressFact => ({
  key: `address/vpc-1/${address}`,
  kind: 'address',
  vpcId: 'vpc-1',
  address,
  ...(ipv6Address !== undefined && { ipv6Address }),
  macAddress,
  hostArn: host.arn,
})

export const peerOf = (host: VpcHost): PeerFact => ({
  key: `peer/vpc-1/${host.arn}`,
  kind: 'peer',
  vpcId: 'vpc-1',
  hostArn: host.arn,
  underlayAddress: host.address,
  ...(host.wireGuard && { wireGuard: host.wireGuard.told }),
})
