import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { NameFact } from '@berth/model'
import packet from 'dns-packet'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../clock.ts'
import { serveConnections } from './connections.ts'
import { type DnsService, serveDatagrams } from './datagrams.ts'
import { Forwarder } from './forwarder.ts'
import { NameTable } from './name-table.ts'
import { createResolver } from './resolver.ts'
import { TcpFrames, tcpFrame } from './tcp-frames.ts'
import { createAskServer, type NameServer } from './upstream.ts'

const loopback = '127.0.0.1'
const facts: NameFact[] = [
  { key: 'name/berth.internal/ZONE', name: 'berth.internal', type: 'ZONE', ttl: 60, values: [] },
  {
    key: 'name/many.berth.internal/A',
    name: 'many.berth.internal',
    type: 'A',
    ttl: 60,
    values: Array.from({ length: 200 }, (_, index) => `10.0.0.${index}`),
  },
  {
    key: 'name/www.berth.internal/CNAME',
    name: 'www.berth.internal',
    type: 'CNAME',
    ttl: 60,
    values: ['example.com'],
  },
]

const example: packet.Packet = { answers: [{ type: 'A', name: 'example.com', ttl: 9, data: '192.0.2.7' }] }

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

/** A server of names that are not Berth's, on a port of its own. */
const startOthers = async (answers: () => packet.Packet[]): Promise<NameServer> => {
  const socket = createSocket('udp4')
  socket.on('message', (bytes, from) => {
    const { id, questions } = packet.decode(bytes)
    for (const reply of answers())
      socket.send(packet.encode({ type: 'response', id, questions, ...reply }), from.port, from.address)
  })
  socket.bind(0, loopback)
  await once(socket, 'listening')
  open.push(() => socket.close())
  return { address: loopback, port: socket.address().port }
}

const start = async (
  nameServers: NameServer[] = [],
): Promise<{ udp: DnsService; tcp: DnsService; faults: unknown[] }> => {
  const faults: unknown[] = []
  let id = 0
  const forwarder = new Forwarder({
    clock: systemClock,
    nameServers: () => nameServers,
    askServer: createAskServer(() => id++),
  })
  const parts = {
    resolve: createResolver({ names: new NameTable(facts), forwarder, privateDomain: 'ec2.internal' }),
    asker: () => ({ kind: 'host' }) as const,
    onFault: (error: unknown) => void faults.push(error),
  }
  const udp = await serveDatagrams(parts, loopback, 0)
  const tcp = await serveConnections(parts, loopback, 0)
  open.push(
    () => forwarder.stop(),
    () => udp.close(),
    () => tcp.close(),
  )
  return { udp, tcp, faults }
}

const question = (name: string, type: packet.RecordType = 'A'): Buffer =>
  packet.encode({ type: 'query', id: 5, flags: packet.RECURSION_DESIRED, questions: [{ type, name }] })

const askByUdp = async ({ port }: DnsService, ...messages: Buffer[]) => {
  const socket = createSocket('udp4')
  try {
    for (const message of messages) socket.send(message, port, loopback)
    const [answer] = (await once(socket, 'message')) as [Buffer]
    return packet.decode(answer) as packet.DecodedPacket & { rcode: string; flag_tc: boolean }
  } finally {
    socket.close()
  }
}

const connected = async ({ port }: DnsService): Promise<Socket> => {
  const socket = connect({ port, host: loopback })
  open.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

const answersOf = async (socket: Socket, count: number): Promise<packet.DecodedPacket[]> => {
  const frames = new TcpFrames()
  const found: packet.DecodedPacket[] = []
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    found.push(...frames.take(chunk as Buffer).map(message => packet.decode(message)))
    if (found.length >= count) break
  }
  return found
}

describe('over UDP', () => {
  it('what is too long is told by TCP', async () => {
    const { udp, tcp } = await start()
    expect(await askByUdp(udp, question('many.berth.internal'))).toMatchObject({ flag_tc: true, answers: [] })
    const socket = await connected(tcp)
    socket.write(tcpFrame(question('many.berth.internal')))
    const [answer] = await answersOf(socket, 1)
    expect(answer?.answers).toHaveLength(200)
  })

  it('what is not ours is asked of others', async () => {
    const others = await startOthers(() => [example])
    const { udp } = await start([others])
    const answer = await askByUdp(udp, question('example.com'))
    expect(answer).toMatchObject({ id: 5, answers: [{ data: '192.0.2.7' }] })
  })

  it('a name of ours that stands for one of others is answered with both', async () => {
    const others = await startOthers(() => [example])
    const { udp } = await start([others])
    const { answers } = await askByUdp(udp, question('www.berth.internal'))
    expect(answers).toMatchObject([
      { type: 'CNAME', data: 'example.com' },
      { type: 'A', data: '192.0.2.7' },
    ])
  })

  it('an answer to another question is not believed', async () => {
    const others = await startOthers(() => [
      {
        questions: [{ type: 'A', name: 'other.example' }],
        answers: [{ type: 'A', name: 'other.example', ttl: 9, data: '192.0.2.66' }],
      },
      example,
    ])
    const { udp } = await start([others])
    expect((await askByUdp(udp, question('example.com'))).answers).toMatchObject([{ data: '192.0.2.7' }])
  })

  it('a server that cannot be reached is passed over', async () => {
    const others = await startOthers(() => [example])
    const { udp } = await start([
      { address: '255.255.255.255', port: 53 },
      { address: 'fe80::1', port: 53 },
      others,
    ])
    expect((await askByUdp(udp, question('example.com'))).answers).toMatchObject([{ data: '192.0.2.7' }])
  })

  it('nobody to ask is a failure, and said at once', async () => {
    const { udp, faults } = await start()
    expect((await askByUdp(udp, question('example.com'))).rcode).toBe('SERVFAIL')
    expect(faults).toEqual([])
  })

  it('what is malformed does not stop it', async () => {
    const { udp, faults } = await start()
    const hostile = [
      Buffer.alloc(0),
      Buffer.alloc(12, 0xff),
      Buffer.alloc(65_000, 0xc0),
      // A name that points at itself, and counts that nothing follows.
      Buffer.from('000101000001ffffffffffffc00c00010001', 'hex'),
    ]
    expect(
      await askByUdp(udp, ...hostile.slice(0, 2), hostile[2]!, question('nothing.berth.internal')),
    ).toMatchObject({
      rcode: 'NXDOMAIN',
    })
    expect((await askByUdp(udp, hostile[3]!)).rcode).toBe('FORMERR')
    expect(faults).toEqual([])
  })
})

describe('over TCP', () => {
  it('a message that comes byte by byte is answered', async () => {
    const { tcp } = await start()
    const socket = await connected(tcp)
    socket.setNoDelay(true)
    for (const byte of tcpFrame(question('berth.internal', 'SOA'))) socket.write(Buffer.from([byte]))
    expect(await answersOf(socket, 1)).toMatchObject([{ answers: [{ type: 'SOA' }] }])
  })

  it('many questions at once are all answered', async () => {
    const { tcp } = await start()
    const socket = await connected(tcp)
    socket.end(Buffer.concat(Array.from({ length: 500 }, () => tcpFrame(question('many.berth.internal')))))
    expect(await answersOf(socket, 500)).toHaveLength(500)
  })

  it('what is no query ends the connection', async () => {
    const { tcp } = await start()
    const socket = await connected(tcp)
    socket.write(Buffer.concat([Buffer.from([0, 5]), Buffer.alloc(5)]))
    socket.resume()
    await once(socket, 'close')
  })

  it('one asker does not take all connections', async () => {
    const { tcp, udp } = await start()
    const sockets = await Promise.all(Array.from({ length: 65 }, () => connected(tcp)))
    const closed = Promise.race(sockets.map(socket => once(socket.resume(), 'close')))
    await closed
    expect((await askByUdp(udp, question('berth.internal', 'SOA'))).rcode).toBe('NOERROR')
  })
})
