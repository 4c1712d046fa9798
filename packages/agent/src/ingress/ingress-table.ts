/** The host's ingress facts, by what they concern, kept up with each change. */
import type { IngressFact, TargetFact } from '@berth/model'
import type { FactsChange } from '../facts/index.ts'
import { type IngressView, viewOf } from './configuration/view.ts'

export interface IngressNews {
  /** Anything but targets: what HAProxy has to load anew. */
  readonly isStructureChanged: boolean
  /** Those whose targets changed. */
  readonly targetGroupArns: readonly string[]
}

export class IngressTable {
  readonly #facts: ReadonlyMap<string, IngressFact>
  readonly #targets = new Map<string, Map<string, TargetFact>>()
  #view: IngressView | undefined
  #isStructureChanged = true
  readonly #changedGroups = new Set<string>()

  /** The map is kept up to date by whoever made it. */
  constructor(facts: ReadonlyMap<string, IngressFact>) {
    this.#facts = facts
    this.change({ changed: [...facts.values()], gone: [] })
  }

  change({ changed, gone }: FactsChange<'ingress'>): void {
    for (const fact of gone) this.#take(fact, false)
    for (const fact of changed) this.#take(fact, true)
  }

  #take(fact: IngressFact, holds: boolean): void {
    if (fact.kind !== 'target') {
      this.#view = undefined
      this.#isStructureChanged = true
      return
    }
    const targets = this.#targets.get(fact.targetGroupArn) ?? new Map()
    if (holds) targets.set(fact.key, fact)
    else targets.delete(fact.key)
    if (targets.size > 0) this.#targets.set(fact.targetGroupArn, targets)
    else this.#targets.delete(fact.targetGroupArn)
    this.#changedGroups.add(fact.targetGroupArn)
  }

  view(): IngressView {
    this.#view ??= viewOf([...this.#facts.values()].filter(fact => fact.kind !== 'target'))
    return this.#view
  }

  targets(targetGroupArn: string): readonly TargetFact[] {
    return [...(this.#targets.get(targetGroupArn)?.values() ?? [])]
  }

  /** What changed since it was last asked. */
  news(): IngressNews {
    const news = {
      isStructureChanged: this.#isStructureChanged,
      targetGroupArns: [...this.#changedGroups],
    }
    this.#isStructureChanged = false
    this.#changedGroups.clear()
    return news
  }
}
