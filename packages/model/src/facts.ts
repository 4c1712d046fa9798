/**
 * Berth's own: what the control plane keeps its agents told of, by one mechanism for every topic. A fact is a small thing with
 * a key. The first message of a session on a topic is whole; later ones say what changed. Agents keep facts on their disks, and
 * go by them while the control plane is away.
 */
import type { IngressFact } from './ingress.ts'
import type { NameFact } from './names.ts'
import type { NetworkFact } from './network.ts'

export interface FactsByTopic {
  readonly network: NetworkFact
  readonly ingress: IngressFact
  readonly names: NameFact
}

export type FactTopic = keyof FactsByTopic

/** `BerthFacts`: control plane to agent. */
export interface BerthFacts<T extends FactTopic = FactTopic> {
  readonly topic: T
  /** True as a session begins, of one message or several: what they do not name holds no longer. */
  readonly isWhole: boolean
  /** Another message of the whole follows: only after the last one may a host forget what was not named. */
  readonly hasMore?: true
  /** It goes on with the whole that the message before it has begun. */
  readonly goesOn?: true
  /** Each replaces the fact with its key. */
  readonly facts: readonly FactsByTopic[T][]
  /** The keys of facts that hold no longer. */
  readonly gone: readonly string[]
}
