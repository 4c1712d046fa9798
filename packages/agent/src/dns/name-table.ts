/** What this host answers by itself: the facts of the topic `names`, found by name. */
import type { NameFact } from '@berth/model'
import type { Answer, SrvData } from 'dns-packet'
import type { FactsChange } from '../facts/index.ts'

/** Who asks: something in a VPC, or the host and what is on its bridge. */
export type Asker = { readonly kind: 'host' } | AskingVpc

export interface AskingVpc {
  readonly kind: 'vpc'
  readonly vpcId: string
  /** Of addresses: IPv4 and IPv6. */
  readonly blocks: readonly string[]
}

export class NameTable {
  readonly #facts = new Map<string, Map<string, NameFact>>()
  /** How many names are below a name: one that has something below it exists, too. (RFC 8020) */
  readonly #below = new Map<string, number>()

  constructor(facts: Iterable<NameFact> = []) {
    for (const fact of facts) this.#add(fact)
  }

  change({ changed, gone }: FactsChange<'names'>): void {
    for (const fact of gone) this.#remove(fact)
    for (const fact of changed) this.#add(fact)
  }

  /** Of each type those that are the asker's own: a VPC's before everybody's, or everybody's before a VPC's. */
  of(name: string, asker: Asker): readonly NameFact[] {
    const seen = [...(this.#facts.get(name)?.values() ?? [])].filter(fact => isFor(fact, asker))
    const isOwn = ({ vpcIds }: NameFact): boolean => (vpcIds !== undefined) === (asker.kind === 'vpc')
    const own = new Set(seen.filter(isOwn).map(({ type }) => type))
    return seen.filter(fact => isOwn(fact) || !own.has(fact.type))
  }

  /** The zone that a name is in: the longest. */
  zoneOf(name: string, asker: Asker): NameFact | undefined {
    for (const ancestor of [name, ...ancestorsOf(name)]) {
      const zone = this.of(ancestor, asker).find(({ type }) => type === 'ZONE')
      if (zone) return zone
    }
    return undefined
  }

  hasBelow(name: string): boolean {
    return this.#below.has(name)
  }

  #add(fact: NameFact): void {
    const known = this.#facts.get(fact.name)
    if (known) {
      known.set(fact.key, fact)
      return
    }
    this.#facts.set(fact.name, new Map([[fact.key, fact]]))
    for (const above of ancestorsOf(fact.name)) this.#below.set(above, (this.#below.get(above) ?? 0) + 1)
  }

  #remove(fact: NameFact): void {
    const known = this.#facts.get(fact.name)
    if (!known?.delete(fact.key) || known.size > 0) return
    this.#facts.delete(fact.name)
    for (const above of ancestorsOf(fact.name)) {
      const left = (this.#below.get(above) ?? 0) - 1
      if (left > 0) this.#below.set(above, left)
      else this.#below.delete(above)
    }
  }
}

const isFor = ({ vpcIds }: NameFact, asker: Asker): boolean =>
  vpcIds === undefined || asker.kind === 'host' || vpcIds.includes(asker.vpcId)

/** `b.c` and `c` of `a.b.c`. */
const ancestorsOf = (name: string): string[] => {
  const labels = name.split('.')
  return labels.slice(1).map((_, index) => labels.slice(index + 1).join('.'))
}

const serviceOf = (value: string): SrvData => {
  const [priority, weight, port, target = ''] = value.split(/\s+/)
  return { priority: Number(priority), weight: Number(weight), port: Number(port), target }
}

/** The records of a fact, under the name as it was asked for. */
export const recordsOf = ({ name, type, ttl, values }: NameFact): readonly Answer[] => {
  switch (type) {
    case 'ZONE':
      return []
    case 'SRV':
      return values.map(value => ({ type, name, ttl, data: serviceOf(value) }))
    case 'TXT':
      return values.map(value => ({ type, name, ttl, data: value }))
    default:
      return values.map(data => ({ type, name, ttl, data }))
  }
}
