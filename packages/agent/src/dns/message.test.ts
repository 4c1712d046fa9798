import packet from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { datagramLimit, type Query, readQuery, refusalBytes, replyBytes } from './message.ts'

const ask = (name: string, more: packet.Packet = {}): Buffer =>
  packet.encode({
    type: 'query',
    id: 7,
    flags: packet.RECURSION_DESIRED,
    questions: [{ type: 'A', name }],
    ...more,
  })

const read = (bytes: Buffer): Query => {
  const query = readQuery(bytes)
  if (query?.kind !== 'query') throw new Error(`not a query: ${JSON.stringify(query)}`)
  return query
}

const withOption = (udpPayloadSize: number): packet.Packet => ({
  additionals: [
    {
      type: 'OPT',
      name: '.',
      udpPayloadSize,
      extendedRcode: 0,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
    },
  ],
})

/** A header that says how many of each there are, and what follows it. */
const raw = (counts: readonly number[], rest: Buffer = Buffer.alloc(0), flags = 0x0100): Buffer => {
  const header = Buffer.alloc(12)
  header.writeUInt16BE(flags, 2)
  for (const [index, count] of counts.entries()) header.writeUInt16BE(count, 4 + 2 * index)
  return Buffer.concat([header, rest])
}

const rcodeOf = (bytes: Buffer) => {
  const query = readQuery(bytes)
  return query?.kind === 'refusal' ? query.rcode : query?.kind
}

describe('a query', () => {
  it('is read in lower case, with what the asker takes', () => {
    const query = read(ask('Web.Example', withOption(4096)))
    expect(query).toMatchObject({ name: 'web.example', type: 'A', isInternetClass: true })
    expect(query.edns).toEqual({ payloadSize: 4096, version: 0 })
  })

  it('of a name that no table holds is read for whoever is asked next', () => {
    const question = Buffer.from([3, 0x61, 0x2e, 0xff, 0, 0, 1, 0, 1])
    expect(read(raw([1, 0, 0, 0], question))).toMatchObject({ name: undefined, type: 'A' })
  })

  it('is told from an answer, which nobody answers', () => {
    expect(readQuery(raw([1, 0, 0, 0], Buffer.from([0, 0, 1, 0, 1]), 0x8000))).toBeUndefined()
    expect(readQuery(Buffer.alloc(11))).toBeUndefined()
  })

  it('that is malformed is refused as such', () => {
    const root = Buffer.from([0, 0, 1, 0, 1])
    expect(rcodeOf(raw([1, 0, 0, 0], root))).toBe('query')
    const refused = {
      'a name that points at itself': raw([1, 0, 0, 0], Buffer.from([0xc0, 0x0c, 0, 1, 0, 1])),
      'a label of a kind that is not there': raw([1, 0, 0, 0], Buffer.from([0x80, 0, 0, 1, 0, 1])),
      'a label that is longer than the rest': raw([1, 0, 0, 0], Buffer.from([9, 0x61])),
      'a name of 256 bytes': raw([1, 0, 0, 0], Buffer.concat([Buffer.alloc(256, 1), root])),
      'no class': raw([1, 0, 0, 0], Buffer.from([0, 0, 1])),
      'no question': raw([0, 0, 0, 0]),
      'two questions': raw([2, 0, 0, 0], Buffer.concat([root, root])),
      'records by the ten thousands': raw([1, 65_535, 65_535, 65_535], root),
      'an additional record that is not there': raw([1, 0, 0, 1], root),
    }
    for (const [what, bytes] of Object.entries(refused))
      expect([what, rcodeOf(bytes)]).toEqual([what, 'FORMERR'])
    expect(rcodeOf(raw([1, 0, 0, 0], root, 0x2800))).toBe('NOTIMP')
  })

  it('of any bytes whatever is read, refused or dropped, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), bytes => {
        const query = readQuery(Buffer.from(bytes))
        if (query?.kind === 'refusal') expect(refusalBytes(query)).toHaveLength(12)
      }),
    )
  })

  it('with any bytes of it changed is read, refused or dropped', () => {
    const whole = ask('a.b.example', withOption(1400))
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 })
    fc.assert(
      fc.property(changes, fc.nat(whole.length), (bytesAt, length) => {
        const bytes = Buffer.from(whole)
        for (const [at, value] of bytesAt) bytes[at] = value
        const query = readQuery(bytes.subarray(0, length))
        if (query?.kind !== 'query') return
        const reply = { rcode: 'NXDOMAIN', isAuthoritative: true, answers: [], authorities: [] } as const
        expect(replyBytes(query, reply, 512).readUInt16BE(0)).toBe(bytes.readUInt16BE(0))
      }),
    )
  })
})

describe('an answer', () => {
  const records = (count: number): packet.Answer[] =>
    Array.from({ length: count }, (_, index) => ({
      type: 'A',
      name: 'web.example',
      ttl: 60,
      data: `10.0.0.${index}`,
    }))
  const answered = (query: Query, count: number, limit = datagramLimit(query)) => {
    const bytes = replyBytes(
      query,
      { rcode: 'NOERROR', isAuthoritative: true, answers: records(count), authorities: [] },
      limit,
    )
    return {
      bytes,
      decoded: packet.decode(bytes) as packet.DecodedPacket & { flag_tc: boolean; flag_aa: boolean },
    }
  }

  it('repeats the question as it was written', () => {
    const { decoded } = answered(read(ask('wEb.example')), 1)
    expect(decoded).toMatchObject({
      id: 7,
      flag_aa: true,
      flag_rd: true,
      flag_ra: true,
      flag_tc: false,
      questions: [{ name: 'wEb.example' }],
      answers: [{ name: 'web.example', data: '10.0.0.0' }],
      additionals: [],
    })
  })

  it('that is too long for a datagram is left out, so that it is asked for again by TCP', () => {
    const query = read(ask('web.example'))
    const { bytes, decoded } = answered(query, 30)
    expect(bytes.length).toBeLessThanOrEqual(512)
    expect(decoded).toMatchObject({ flag_tc: true, answers: [] })
    expect(answered(query, 30, 65_535).decoded.answers).toHaveLength(30)
  })

  it('is as long as the asker takes, and never longer than what travels whole', () => {
    expect(answered(read(ask('web.example', withOption(1000))), 30).decoded.answers).toHaveLength(30)
    expect(datagramLimit(read(ask('web.example', withOption(65_535))))).toBe(1232)
    expect(datagramLimit(read(ask('web.example', withOption(1))))).toBe(512)
    expect(answered(read(ask('web.example', withOption(4096))), 1).decoded.additionals).toMatchObject([
      { type: 'OPT' },
    ])
  })
})
