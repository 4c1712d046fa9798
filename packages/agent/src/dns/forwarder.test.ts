import packet from 'dns-packet'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../clock.ts'
import { Forwarder, NoAnswer } from './forwarder.ts'
import { createHostResolvers, nameserversOf } from './host-resolvers.ts'
import { type Query, readQuery } from './message.ts'

const ask = (name: string, id = 1): Query => {
  const query = readQuery(packet.encode({ type: 'query', id, questions: [{ type: 'A', name }] }))
  if (query?.kind !== 'query') throw new Error('not a query')
  return query
}

const answerTo = ({ bytes }: Query, rcode = 0): Buffer => {
  const answer = Buffer.from(bytes)
  answer.writeUInt16BE(0x8000 | rcode, 2)
  return answer
}

type Behaviour = 'answers' | 'silent' | 'refuses' | 'unreachable'

const given = (servers: Readonly<Record<string, Behaviour>>) => {
  const clock = createManualClock()
  const asked: string[] = []
  const waiting: (() => void)[] = []
  const forwarder = new Forwarder({
    clock,
    nameServers: () => Object.keys(servers).map(address => ({ address, port: 53 })),
    askServer: ({ address }, query, _transport, signal) => {
      asked.push(address)
      const behaviour = servers[address]
      if (behaviour === 'answers') return Promise.resolve(answerTo(query))
      if (behaviour === 'refuses') return Promise.resolve(answerTo(query, 5))
      if (behaviour === 'unreachable') return Promise.reject(new Error('ECONNREFUSED'))
      return new Promise((resolve, reject) => {
        waiting.push(() => resolve(answerTo(query)))
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    },
  })
  return { clock, asked, forwarder, answerAll: () => waiting.splice(0).forEach(answer => void answer()) }
}

describe('a question to others', () => {
  it('goes to the next server when one is silent, refuses or is not there', async () => {
    const { clock, asked, forwarder } = given({ a: 'silent', b: 'refuses', c: 'unreachable', d: 'answers' })
    const answer = forwarder.ask(ask('example.com', 9), 'udp')
    await clock.advance(2_000)
    expect((await answer).readUInt16BE(0)).toBe(9)
    expect(asked).toEqual(['a', 'b', 'c', 'd'])
  })

  it('is answered with a refusal when no server does better', async () => {
    const { forwarder, asked } = given({ a: 'refuses', b: 'unreachable' })
    expect((await forwarder.ask(ask('example.com'), 'udp')).readUInt16BE(2) & 0xf).toBe(5)
    expect(asked).toEqual(['a', 'b', 'a', 'b'])
  })

  it('ends within five seconds', async () => {
    const { clock, forwarder } = given({ a: 'silent', b: 'silent' })
    const answer = forwarder.ask(ask('example.com'), 'udp').catch((error: unknown) => error)
    await clock.advance(5_000)
    expect(await answer).toBeInstanceOf(NoAnswer)
  })

  it('that several ask is asked once, and each has the answer under its own id', async () => {
    const { asked, forwarder, answerAll } = given({ a: 'silent' })
    const answers = [1, 2, 3].map(id => forwarder.ask(ask('example.com', id), 'udp'))
    expect(asked).toEqual(['a'])
    answerAll()
    expect((await Promise.all(answers)).map(answer => answer.readUInt16BE(0))).toEqual([1, 2, 3])
  })

  it('that comes back to this resolver in ever new forms ends', async () => {
    const { forwarder, asked, answerAll } = given({ a: 'silent' })
    const forms = Array.from({ length: 17 }, (_, index) => {
      const query = ask('example.com')
      return { ...query, bytes: Buffer.concat([query.bytes, Buffer.alloc(index)]) }
    })
    const answers = Promise.allSettled(forms.map(form => forwarder.ask(form, 'udp')))
    answerAll()
    expect((await answers).filter(({ status }) => status === 'rejected')).toHaveLength(1)
    expect(asked).toHaveLength(16)
  })

  it('is refused while a thousand others wait, and taken again after', async () => {
    const { forwarder, answerAll } = given({ a: 'silent' })
    const many = Promise.all(
      Array.from({ length: 1_000 }, (_, index) => forwarder.ask(ask(`n${index}.example`), 'udp')),
    )
    await expect(forwarder.ask(ask('one-more.example'), 'udp')).rejects.toBeInstanceOf(NoAnswer)
    answerAll()
    await many
    const later = forwarder.ask(ask('one-more.example'), 'udp')
    answerAll()
    expect(await later).toBeInstanceOf(Buffer)
  })
})

it("asks the host's servers, and never itself", () => {
  const text = [
    '# nameserver 1.1.1.1',
    'search example.com',
    'nameserver 169.254.170.53',
    'nameserver 192.0.2.1 # the router',
    ' nameserver fe80::1%eth0',
    'nameserver nonsense',
    'nameserver 169.254.169.253',
  ].join('\n')
  expect(nameserversOf(text)).toEqual(['192.0.2.1', 'fe80::1%eth0'])
})

it('asks those behind the stub of systemd-resolved, which may ask this resolver', () => {
  const files: Record<string, string> = {
    '/etc/resolv.conf': 'nameserver 127.0.0.53\noptions edns0\n',
    '/run/systemd/resolve/resolv.conf': 'nameserver 169.254.170.53\nnameserver 192.0.2.1\n',
  }
  let now = 0
  const resolvers = createHostResolvers(
    () => now,
    file => files[file] ?? '',
  )
  expect(resolvers()).toEqual(['192.0.2.1'])
  files['/etc/resolv.conf'] = 'nameserver 192.0.2.2\n'
  expect(resolvers()).toEqual(['192.0.2.1'])
  now = 5_000
  expect(resolvers()).toEqual(['192.0.2.2'])
})
