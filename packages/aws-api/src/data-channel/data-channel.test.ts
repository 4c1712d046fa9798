import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeClientMessage,
  encodeChannelClosed,
  encodeClientMessage,
  payloadType,
} from './client-message.ts'
import { MessageStream, type MessageStreamOptions } from './message-stream.ts'

const messageId = '01234567-89ab-cdef-0123-456789abcdef'
const sample = {
  messageType: 'output_stream_data',
  createdAt: 1_700_000_000_000,
  sequenceNumber: 7,
  messageId,
  payloadType: payloadType.output,
  payload: Buffer.from('hello'),
} as const

test('a message has its members at the places where the plugin of AWS looks for them', () => {
  const bytes = encodeClientMessage(sample)
  expect(bytes.readUInt32BE(0)).toBe(116)
  expect(bytes.toString('utf8', 4, 36)).toBe('output_stream_data'.padEnd(32))
  expect(bytes.readUInt32BE(36)).toBe(1)
  expect(bytes.readBigUInt64BE(40)).toBe(1_700_000_000_000n)
  expect(bytes.readBigInt64BE(48)).toBe(7n)
  expect(bytes.readBigUInt64BE(56)).toBe(0n)
  expect(bytes.toString('hex', 64, 80)).toBe('0123456789abcdef0123456789abcdef')
  expect(bytes.subarray(80, 112)).toEqual(createHash('sha256').update('hello').digest())
  expect(bytes.readUInt32BE(112)).toBe(1)
  expect(bytes.readUInt32BE(116)).toBe(5)
  expect(bytes.toString('utf8', 120)).toBe('hello')
})

test('the halves of a message id travel the less significant one first', () => {
  const bytes = encodeClientMessage({ ...sample, messageId: '00000000-0000-0001-8000-000000000002' })
  expect(bytes.toString('hex', 64, 80)).toBe('80000000000000020000000000000001')
  expect(decodeClientMessage(bytes)?.messageId).toBe('00000000-0000-0001-8000-000000000002')
})

test('whatever is written is read again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.nat(), fc.uuid(), (payload, sequenceNumber, id) => {
      const message = { ...sample, payload: Buffer.from(payload), sequenceNumber, messageId: id }
      expect(decodeClientMessage(encodeClientMessage(message))).toEqual(message)
    }),
  )
})

test('a message that was cut short or changed on the way is refused', () => {
  const bytes = encodeClientMessage(sample)
  expect(() => decodeClientMessage(bytes.subarray(0, 60))).toThrow('no header')
  expect(() => decodeClientMessage(bytes.subarray(0, -1))).toThrow('not as long')
  bytes.write('j', 120)
  expect(() => decodeClientMessage(bytes)).toThrow('not the one')
})

test('a message of an unknown type is passed over', () => {
  const bytes = encodeClientMessage(sample)
  bytes.write('start_publication'.padEnd(32), 4)
  expect(decodeClientMessage(bytes)).toBeUndefined()
})

/** Two ends, a line that drops what `drops` says, and a clock that stands still. */
const pair = (drops: (bytes: Uint8Array) => boolean = () => false) => {
  let now = 1_000
  let timers: { at: number; run: () => void }[] = []
  const received: string[] = []
  const closed: string[] = []
  let drained = 0
  const line: (() => void)[] = []
  const options = (other: () => MessageStream): Omit<MessageStreamOptions, 'sends'> => ({
    transmit: bytes => {
      if (!drops(bytes)) line.push(() => other().handle(Buffer.from(bytes)))
    },
    received: (type, payload) => void received.push(`${type} ${Buffer.from(payload).toString()}`),
    closed: reason => void closed.push(reason),
    drained: () => void drained++,
    now: () => now,
    after: (delayMs, run) => {
      const timer = { at: now + delayMs, run }
      timers.push(timer)
      return () => {
        timers = timers.filter(one => one !== timer)
      }
    },
    newId: () => messageId,
  })
  const agent: MessageStream = new MessageStream({ sends: 'output_stream_data', ...options(() => client) })
  const client: MessageStream = new MessageStream({ sends: 'input_stream_data', ...options(() => agent) })
  const carry = (): void => {
    for (let deliver = line.shift(); deliver; deliver = line.shift()) deliver()
  }
  const advance = (byMs: number): void => {
    now += byMs
    const due = timers.filter(({ at }) => at <= now)
    timers = timers.filter(({ at }) => at > now)
    for (const { run } of due) run()
    carry()
  }
  return { agent, client, received, closed, carry, advance, drained: () => drained }
}

const say = (stream: MessageStream, ...words: string[]): void => {
  for (const word of words) stream.send(payloadType.output, Buffer.from(word))
}

test('payloads arrive in order and are acknowledged', () => {
  const { agent, received, carry } = pair()
  say(agent, 'a', 'b', 'c')
  carry()
  expect(received).toEqual(['1 a', '1 b', '1 c'])
  expect(agent.isEmpty).toBe(true)
})

test('what the other end dropped is sent again, and what came after it is not delivered before it', () => {
  let isDeaf = true
  const { agent, received, carry, advance } = pair(bytes => isDeaf && Buffer.from(bytes).includes('lost'))
  say(agent, 'lost', 'later')
  carry()
  expect(received).toEqual([])
  isDeaf = false
  advance(250)
  expect(received).toEqual(['1 lost', '1 later'])
  advance(60_000)
  expect(agent.isEmpty).toBe(true)
})

test('a payload whose acknowledgement was lost is delivered once', () => {
  let isDeaf = true
  const { agent, received, carry, advance } = pair(
    bytes => isDeaf && Buffer.from(bytes).includes('acknowledge '),
  )
  say(agent, 'once')
  carry()
  isDeaf = false
  advance(250)
  expect(received).toEqual(['1 once'])
  expect(agent.isEmpty).toBe(true)
})

test('a sender is told to wait while too much is on its way, and when to go on', () => {
  const { agent, carry, drained } = pair()
  say(agent, ...Array.from({ length: 64 }, () => 'x'))
  expect(agent.isFull).toBe(true)
  carry()
  expect(agent.isFull).toBe(false)
  expect(drained()).toBeGreaterThan(0)
})

test('an end that hears nothing for a minute counts the channel as closed', () => {
  const { agent, closed, advance } = pair(() => true)
  say(agent, 'anyone?')
  for (let waited = 0; waited < 62_000; waited += 250) advance(250)
  expect(closed).toEqual(['The other end does not answer.'])
})

test('the other end is told why the channel was closed', () => {
  const { client, closed } = pair()
  const message = { sessionId: 'session-1', output: 'The task has stopped.' }
  client.handle(encodeChannelClosed(message, { messageId, createdAt: 1 }))
  expect(closed).toEqual(['The task has stopped.'])
})
