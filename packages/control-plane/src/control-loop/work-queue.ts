import type { Millis } from '../store/table.ts'
import { TimerHeap } from './timer-heap.ts'

export interface WorkItem {
  readonly reconciler: string
  readonly key: string
}

/** One reconciler's keys, first in first out, each at most once; with the wakes and failures of its keys. */
class Lane {
  readonly #waiting = new Set<string>()
  #order: string[] = []
  #head = 0
  readonly wakes = new Map<string, Millis>()
  readonly failures = new Map<string, number>()

  get size(): number {
    return this.#waiting.size
  }

  add(key: string): void {
    if (this.#waiting.has(key)) return
    this.#waiting.add(key)
    this.#order.push(key)
  }

  take(): string | undefined {
    const key = this.#order[this.#head]
    if (key === undefined) return undefined
    this.#head++
    this.#waiting.delete(key)
    // Dropping what was taken only now and then keeps taking cheap.
    if (this.#head > 1024 && this.#head * 2 > this.#order.length) {
      this.#order = this.#order.slice(this.#head)
      this.#head = 0
    }
    return key
  }
}

/** Level-driven: a key says that something may have changed, not what. Reconcilers take turns, key by key. */
export class WorkQueue {
  readonly #lanes: ReadonlyMap<string, Lane>
  readonly #turns: readonly (readonly [string, Lane])[]
  readonly #wakes = new TimerHeap<WorkItem & { readonly at: Millis }>()
  #turn = 0

  constructor(reconcilers: readonly string[]) {
    this.#lanes = new Map(reconcilers.map(name => [name, new Lane()]))
    this.#turns = [...this.#lanes]
  }

  /** How many keys wait now; wakes are not counted. */
  get size(): number {
    return this.#turns.reduce((size, [, lane]) => size + lane.size, 0)
  }

  /** When the next wake is due. */
  get nextWakeAt(): Millis | undefined {
    return this.#wakes.nextAt
  }

  add(reconciler: string, key: string): void {
    this.#lane(reconciler).add(key)
  }

  /** The earlier of two wakes for one key counts: when it comes, the reconciler says again when to wake it. */
  wakeAt(reconciler: string, key: string, at: Millis): void {
    const { wakes } = this.#lane(reconciler)
    const planned = wakes.get(key)
    if (planned !== undefined && planned <= at) return
    wakes.set(key, at)
    this.#wakes.add(at, { reconciler, key, at })
  }

  /** Queues the keys whose wake is due. */
  wake(now: Millis): void {
    for (let due = this.#wakes.takeDue(now); due !== undefined; due = this.#wakes.takeDue(now)) {
      const lane = this.#lane(due.reconciler)
      // An earlier wake has replaced this one.
      if (lane.wakes.get(due.key) !== due.at) continue
      lane.wakes.delete(due.key)
      lane.add(due.key)
    }
  }

  take(): WorkItem | undefined {
    for (let tried = 0; tried < this.#turns.length; tried++) {
      const [reconciler, lane] = this.#turns[this.#turn] ?? []
      this.#turn = (this.#turn + 1) % this.#turns.length
      const key = lane?.take()
      if (reconciler !== undefined && key !== undefined) return { reconciler, key }
    }
    return undefined
  }

  /** How often the key has now failed in a row. */
  countFailure({ reconciler, key }: WorkItem): number {
    const { failures } = this.#lane(reconciler)
    const count = (failures.get(key) ?? 0) + 1
    failures.set(key, count)
    return count
  }

  forgetFailures({ reconciler, key }: WorkItem): void {
    this.#lane(reconciler).failures.delete(key)
  }

  #lane(reconciler: string): Lane {
    const lane = this.#lanes.get(reconciler)
    if (lane === undefined) throw new Error(`There is no reconciler ${reconciler}`)
    return lane
  }
}
