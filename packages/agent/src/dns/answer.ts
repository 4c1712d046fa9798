/** Decides what is answered from the table, and what others must be asked. Pure. */
import type { NameFact } from '@berth/model'
import type { Answer } from 'dns-packet'
import type { Reply } from './message.ts'
import { type Asker, type NameTable, recordsOf } from './name-table.ts'

export type Decision =
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** No name of ours. */
  | { readonly kind: 'forward' }
  /** A name of ours that stands for one of somebody else's. */
  | { readonly kind: 'follow'; readonly answers: readonly Answer[]; readonly target: string }

export interface Asked {
  readonly name: string | undefined
  readonly type: string
  readonly isInternetClass: boolean
}

/** Longer chains are mistakes, or loops. */
const mostAliases = 8
/** Seconds for which a name may be remembered as one that is not there: what is made is soon found. */
const negativeTtl = 5

const startOf = (zone: string): Answer => ({
  type: 'SOA',
  name: zone,
  ttl: negativeTtl,
  data: {
    mname: `ns.${zone}`,
    rname: `hostmaster.${zone}`,
    serial: 1,
    refresh: 3600,
    retry: 600,
    expire: 86_400,
    minimum: negativeTtl,
  },
})

const matching = (facts: readonly NameFact[], type: string): readonly Answer[] =>
  facts.filter(fact => type === 'ANY' || fact.type === type).flatMap(recordsOf)

const refused: Decision = {
  kind: 'reply',
  reply: { rcode: 'REFUSED', isAuthoritative: false, answers: [], authorities: [] },
}

export const found = (answers: readonly Answer[]): Decision => ({
  kind: 'reply',
  reply: { rcode: 'NOERROR', isAuthoritative: true, answers, authorities: [] },
})

/** No such record: NXDOMAIN when the name is not there at all. (RFC 2308) */
export const missing = (zone: string, isThere: boolean, answers: readonly Answer[] = []): Decision => ({
  kind: 'reply',
  reply: {
    rcode: isThere ? 'NOERROR' : 'NXDOMAIN',
    isAuthoritative: true,
    answers,
    authorities: [startOf(zone)],
  },
})

export const decide = (table: NameTable, asked: Asked, asker: Asker): Decision => {
  const { type } = asked
  if (!asked.isInternetClass || type === 'AXFR' || type === 'IXFR') return refused
  const aliases: Answer[] = []
  let name = asked.name
  while (name !== undefined && aliases.length <= mostAliases) {
    const facts = table.of(name, asker)
    const zone = table.zoneOf(name, asker)
    if (!zone && facts.length === 0) break
    if (zone?.name === name && (type === 'SOA' || type === 'ANY'))
      return found([...aliases, startOf(zone.name), ...matching(facts, type)])
    const answers = matching(facts, type)
    if (answers.length > 0) return found([...aliases, ...answers])
    const alias = facts.find(fact => fact.type === 'CNAME')
    const target = alias?.values[0]
    if (!alias || target === undefined)
      return zone ? missing(zone.name, facts.length > 0 || table.hasBelow(name), aliases) : found(aliases)
    aliases.push(...recordsOf({ ...alias, values: [target] }))
    name = target.toLowerCase()
  }
  if (aliases.length === 0) return { kind: 'forward' }
  if (name === undefined || aliases.length > mostAliases)
    return {
      kind: 'reply',
      reply: { rcode: 'SERVFAIL', isAuthoritative: true, answers: [], authorities: [] },
    }
  return { kind: 'follow', answers: aliases, target: name }
}
