/**
 * State changes on their way to the control plane: in batches, in order, and again after a reconnect until they are
 * acknowledged. What is in here when the agent dies is found again as the difference between a task and what was
 * acknowledged of it, so nothing needs to be written down twice.
 */
import type { BerthStateChanges, TaskStateChange } from '@berth/model'
import type { Cancel, Clock } from '../clock.ts'

interface Entry {
  readonly change: TaskStateChange
  readonly acknowledged: () => void
}

const gatherMs = 5
const batchLimit = 200
/**
 * The control plane answers once a batch is durable: milliseconds, but longer while so much waits for its journal that
 * it reads nothing, when a thousand agents that reconnect would only add to it. This long means that the session is broken.
 */
const ackTimeoutMs = 60_000

export interface OutboxOptions {
  readonly clock: Clock
  readonly newId: () => string
  /** False when there is no session. */
  send(message: BerthStateChanges): boolean
  /** The control plane does not acknowledge: a new session sends everything again, in order. */
  stuck(): void
}

export class StateChangeOutbox {
  readonly #options: OutboxOptions
  /** Not sent in this session, oldest first. */
  #waiting: Entry[] = []
  /** Sent and not acknowledged, in the order of sending. */
  readonly #sent = new Map<string, { readonly entries: readonly Entry[]; readonly cancelTimeout: Cancel }>()
  #isAttached = false
  #isFlushPlanned = false
  #lastSentAt = Number.NEGATIVE_INFINITY

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  enqueue(change: TaskStateChange, acknowledged: () => void): void {
    this.#waiting.push({ change, acknowledged })
    this.#plan()
  }

  /** How many changes the control plane has not acknowledged. */
  get size(): number {
    return [...this.#sent.values()].reduce((sum, batch) => sum + batch.entries.length, this.#waiting.length)
  }

  /** A session is ready: everything unacknowledged goes out again. */
  attach(): void {
    this.detach()
    this.#isAttached = true
    this.#plan()
  }

  detach(): void {
    this.#isAttached = false
    const unacknowledged = [...this.#sent.values()].flatMap(batch => batch.entries)
    for (const batch of this.#sent.values()) batch.cancelTimeout()
    this.#sent.clear()
    this.#waiting = [...unacknowledged, ...this.#waiting]
  }

  /** Drops the changes of tasks that the present control plane never gave. */
  keepOnly(isKept: (taskArn: string) => boolean): void {
    this.detach()
    this.#waiting = this.#waiting.filter(entry => isKept(entry.change.taskArn))
  }

  acknowledge(messageId: string): void {
    const batch = this.#sent.get(messageId)
    if (!batch) return
    this.#sent.delete(messageId)
    batch.cancelTimeout()
    for (const entry of batch.entries) entry.acknowledged()
  }

  /** The first change after a pause goes at once; those that follow closely gather. */
  #plan(): void {
    if (!this.#isAttached || this.#isFlushPlanned || this.#waiting.length === 0) return
    this.#isFlushPlanned = true
    const { clock } = this.#options
    const delayMs = Math.max(0, this.#lastSentAt + gatherMs - clock.now())
    clock.after(delayMs, () => this.#flush())
  }

  #flush(): void {
    this.#isFlushPlanned = false
    if (!this.#isAttached || this.#waiting.length === 0) return
    const { clock, newId, send, stuck } = this.#options
    const entries = this.#waiting.slice(0, batchLimit)
    const messageId = newId()
    if (!send({ messageId, changes: entries.map(entry => entry.change) })) return
    this.#waiting = this.#waiting.slice(batchLimit)
    this.#sent.set(messageId, { entries, cancelTimeout: clock.after(ackTimeoutMs, stuck) })
    this.#lastSentAt = clock.now()
    this.#plan()
  }
}
