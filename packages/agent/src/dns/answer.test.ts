import type { NameFact } from '@berth/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Decision, decide } from './answer.ts'
import { type Asker, NameTable } from './name-table.ts'
import { decideInVpc, privateDomainOf } from './vpc-names.ts'

const host: Asker = { kind: 'host' }
const inVpc = (vpcId: string) => ({ kind: 'vpc', vpcId, blocks: ['10.0.0.0/16', 'fd00::/64'] }) as const

const fact = (name: string, type: NameFact['type'], values: string[] = [], vpcIds?: string[]): NameFact => ({
  key: `name/${name}/${type}${vpcIds ? `/${vpcIds}` : ''}`,
  name,
  type,
  ttl: 60,
  values,
  ...(vpcIds && { vpcIds }),
})

const facts = [
  fact('berth.internal', 'ZONE'),
  fact('web.elb.berth.internal', 'A', ['127.10.0.1', '127.10.0.2']),
  fact('web.elb.berth.internal', 'A', ['10.0.0.4'], ['vpc-1']),
  fact('alias.berth.internal', 'CNAME', ['Web.elb.berth.internal']),
  fact('outside.berth.internal', 'CNAME', ['example.com']),
  fact('circle.berth.internal', 'CNAME', ['circle.berth.internal']),
  fact('private.berth.internal', 'ZONE', [], ['vpc-1']),
  fact('db.private.berth.internal', 'A', ['10.0.0.9'], ['vpc-1']),
  fact('_db._tcp.berth.internal', 'SRV', ['1 2 5432 db.private.berth.internal']),
  fact('text.berth.internal', 'TXT', ['of words']),
]
const table = new NameTable(facts)

const asked = (name: string, type = 'A', asker: Asker = host): Decision =>
  decide(table, { name, type, isInternetClass: true }, asker)

/** What an answer says, in short. */
const said = (decision: Decision) =>
  decision.kind === 'reply'
    ? [
        decision.reply.rcode,
        ...decision.reply.answers.map(record => ('data' in record ? record.data : record.type)),
        ...decision.reply.authorities.map(({ type, name }) => `${type} ${name}`),
      ]
    : decision.kind

describe('a name', () => {
  it('is answered with its addresses', () => {
    expect(said(asked('web.elb.berth.internal'))).toEqual(['NOERROR', '127.10.0.1', '127.10.0.2'])
  })

  it('is answered in a VPC with what it is there', () => {
    expect(said(asked('web.elb.berth.internal', 'A', inVpc('vpc-1')))).toEqual(['NOERROR', '10.0.0.4'])
    expect(said(asked('web.elb.berth.internal', 'A', inVpc('vpc-2')))).toEqual([
      'NOERROR',
      '127.10.0.1',
      '127.10.0.2',
    ])
  })

  it('of one VPC is not there for another', () => {
    expect(said(asked('db.private.berth.internal', 'A', inVpc('vpc-1')))).toEqual(['NOERROR', '10.0.0.9'])
    expect(said(asked('db.private.berth.internal', 'A', inVpc('vpc-2')))).toEqual([
      'NXDOMAIN',
      'SOA berth.internal',
    ])
  })

  it('has records of other types', () => {
    expect(said(asked('_db._tcp.berth.internal', 'SRV'))).toEqual([
      'NOERROR',
      { priority: 1, weight: 2, port: 5432, target: 'db.private.berth.internal' },
    ])
    expect(said(asked('text.berth.internal', 'TXT'))).toEqual(['NOERROR', 'of words'])
    expect(said(asked('text.berth.internal', 'ANY'))).toEqual(['NOERROR', 'of words'])
  })

  it('without the type has no data, and one that is not there is told from it', () => {
    expect(said(asked('web.elb.berth.internal', 'AAAA'))).toEqual(['NOERROR', 'SOA berth.internal'])
    // There is something below it.
    expect(said(asked('elb.berth.internal'))).toEqual(['NOERROR', 'SOA berth.internal'])
    expect(said(asked('nothing.berth.internal'))).toEqual(['NXDOMAIN', 'SOA berth.internal'])
    expect(said(asked('berth.internal', 'SOA'))).toEqual(['NOERROR', expect.objectContaining({ minimum: 5 })])
  })

  it('that stands for another is followed, to somebody else if need be, and never in a circle', () => {
    expect(said(asked('alias.berth.internal'))).toEqual([
      'NOERROR',
      'Web.elb.berth.internal',
      '127.10.0.1',
      '127.10.0.2',
    ])
    expect(asked('outside.berth.internal')).toMatchObject({ kind: 'follow', target: 'example.com' })
    expect(said(asked('circle.berth.internal'))).toEqual(['SERVFAIL'])
    expect(said(asked('alias.berth.internal', 'CNAME'))).toEqual(['NOERROR', 'Web.elb.berth.internal'])
  })

  it('of no zone is for others to answer', () => {
    expect(said(asked('example.com'))).toBe('forward')
    expect(said(asked('notberth.internal'))).toBe('forward')
    expect(said(asked('internal'))).toBe('forward')
  })

  it('is not given away as a zone, nor in another class', () => {
    expect(said(asked('berth.internal', 'AXFR'))).toEqual(['REFUSED'])
    expect(said(decide(table, { name: 'version.bind', type: 'TXT', isInternetClass: false }, host))).toEqual([
      'REFUSED',
    ])
  })
})

describe('a table that changes', () => {
  it('answers as one that was made anew', () => {
    const some = fc.subarray(facts)
    fc.assert(
      fc.property(fc.array(fc.tuple(some, some), { maxLength: 6 }), changes => {
        const changing = new NameTable()
        const known = new Map<string, NameFact>()
        for (const [changed, gone] of changes) {
          const left = gone.filter(({ key }) => known.has(key) && !changed.some(other => other.key === key))
          changing.change({ changed, gone: left })
          for (const { key } of left) known.delete(key)
          for (const one of changed) known.set(one.key, one)
        }
        const anew = new NameTable(known.values())
        for (const { name } of [...facts, { name: 'elb.berth.internal' }, { name: 'nothing.berth.internal' }])
          for (const asker of [host, inVpc('vpc-1'), inVpc('vpc-2')]) {
            const question = { name, type: 'A', isInternetClass: true }
            const [one, other] = [decide(changing, question, asker), decide(anew, question, asker)]
            expect(said(one)).toEqual(said(other))
          }
      }),
    )
  })
})

describe('an address of a VPC', () => {
  const domain = privateDomainOf('us-east-1')
  const askedThere = (name: string, type = 'A') => {
    const decision = decideInVpc({ name, type, isInternetClass: true }, inVpc('vpc-1'), domain)
    return decision && said(decision)
  }

  it('has a name there, and the name the address', () => {
    expect(askedThere('ip-10-0-3-5.ec2.internal')).toEqual(['NOERROR', '10.0.3.5'])
    expect(askedThere('5.3.0.10.in-addr.arpa', 'PTR')).toEqual(['NOERROR', 'ip-10-0-3-5.ec2.internal'])
    expect(askedThere('ip-10-0-3-5.ec2.internal', 'AAAA')).toEqual(['NOERROR', 'SOA ec2.internal'])
  })

  it('of another VPC has none', () => {
    expect(askedThere('ip-10-1-3-5.ec2.internal')).toEqual(['NXDOMAIN', 'SOA ec2.internal'])
    expect(askedThere('ip-10-0-3-256.ec2.internal')).toEqual(['NXDOMAIN', 'SOA ec2.internal'])
    expect(askedThere('5.3.1.10.in-addr.arpa', 'PTR')).toBeUndefined()
    expect(askedThere('example.com')).toBeUndefined()
  })

  it('is named after its region', () => {
    expect(privateDomainOf('eu-west-1')).toBe('eu-west-1.compute.internal')
  })
})
