/** From the word that a security group has another rule, or another member, to its effect on a host with 1,000 interfaces. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { GroupMemberFact, NetworkFact } from '@berth/model'
import {
  anyProtocol,
  everywhere,
  groupFact,
  interfaceFact,
  subnetFact,
  type VpcHost,
  VpcHosts,
  vpcFacts,
} from '../../test/e2e/vpc-hosts.ts'
import { median, percentile } from '../measure.ts'

const interfaces = 1_000
const rounds = 15
const port = 5_000

const echo = `const s=require('dgram').createSocket('udp4');s.on('message',(m,r)=>s.send(m,r.port,r.address));s.bind(${port},()=>console.log('up'))`
/** A new flow for each line that it reads: a packet each millisecond, until one comes back. */
const probe = (address: string): string =>
  `require('readline').createInterface({input:process.stdin}).on('line',()=>{const s=require('dgram').createSocket('udp4');const t=setInterval(()=>s.send('x',${port},'${address}'),1);s.once('message',()=>{clearInterval(t);s.close();console.log('heard')})})`

class Prober {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(namespace: string, script: string) {
    this.#child = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    if (!this.#child.stdout) throw new Error('no output')
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async line(): Promise<void> {
    await this.#lines.next()
  }

  begin(): void {
    this.#child.stdin?.write('\n')
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}

const factsOf = (count: number): NetworkFact[] =>
  Array.from({ length: count }, (_, n) => {
    const fact = interfaceFact(3 + Math.floor(n / 250), 1 + (n % 250), `/none/${n}`)
    return { ...fact, key: `interface/eni-many-${n}`, interfaceId: `eni-many-${n}` }
  })

const member = (groupId: string, address: string): GroupMemberFact => ({
  key: `member/${groupId}/${address}`,
  kind: 'member',
  groupId,
  address,
})

const attached = async (hosts: VpcHosts, host: VpcHost, last: number, groupIds: string[]) => {
  const namespace = hosts.task()
  const fact = interfaceFact(1, last, namespace, { groupIds })
  host.tell([fact])
  await host.networks?.attach(fact.interfaceId)
  return { namespace, address: fact.address }
}

const effectOf = async (prober: Prober, change: () => void, undo: () => void): Promise<number> => {
  prober.begin()
  // Long enough that packets are on their way and were refused.
  await new Promise(resolve => setTimeout(resolve, 50))
  const started = performance.now()
  change()
  await prober.line()
  const took = performance.now() - started
  undo()
  await new Promise(resolve => setTimeout(resolve, 300))
  return took
}

export const groupChange = async (): Promise<void> => {
  const hosts = new VpcHosts()
  const children: Prober[] = []
  try {
    const host = await hosts.host(1)
    const fromGroup = { ...anyProtocol, peer: { groupId: 'sg-2' } }
    const members = Array.from({ length: interfaces }, (_, n) =>
      member('sg-2', `10.60.${Math.floor(n / 250)}.${1 + (n % 250)}`),
    )
    host.tell([...vpcFacts, groupFact('sg-1', []), groupFact('sg-2', []), ...members])
    host.tell([...[3, 4, 5, 6].map(number => subnetFact(number)), ...factsOf(interfaces)])
    const a = await attached(hosts, host, 10, ['sg-2'])
    const b = await attached(hosts, host, 11, ['sg-1'])
    const server = new Prober(b.namespace, echo)
    const prober = new Prober(a.namespace, probe(b.address))
    children.push(server, prober)
    await server.line()
    host.tell([groupFact('sg-1', [everywhere])])
    prober.begin()
    await prober.line()
    host.tell([groupFact('sg-1', [])])
    await new Promise(resolve => setTimeout(resolve, 300))
    const [byRule, byMember]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round++)
      byRule.push(
        await effectOf(
          prober,
          () => host.tell([groupFact('sg-1', [everywhere])]),
          () => host.tell([groupFact('sg-1', [])]),
        ),
      )
    host.tell([groupFact('sg-1', [fromGroup])])
    const joins = member('sg-2', a.address)
    for (let round = 0; round < rounds; round++)
      byMember.push(
        await effectOf(
          prober,
          () => host.tell([joins]),
          () => host.tell([], [joins.key]),
        ),
      )
    for (const [name, took] of Object.entries({ rule: byRule, member: byMember }))
      console.log(
        `another ${name}, with ${interfaces} interfaces: in effect after ${median(took).toFixed(0)} ms (at the most ${percentile(took, 100).toFixed(0)} ms)`,
      )
  } finally {
    for (const child of children) await child.stop()
    await hosts.remove()
  }
}
