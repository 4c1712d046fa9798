import type { Epoch, Group, Journal, JournalFailure, RecordWrite, RowWrite, Slot } from './journal.ts'
import type { Millis } from './table.ts'
import type { Sequence } from './view.ts'

/** Commits that go to the journal together; whoever waits for one of them waits for all. */
interface Gathered {
  from: Sequence
  to: Sequence
  at: Millis
  readonly rows: Map<Slot, RowWrite>
  readonly records: RecordWrite[]
  readonly done: PromiseWithResolvers<void>
}

/** One group in flight; everything that gathers meanwhile goes into the next one. */
export class CommitQueue {
  readonly #journal: Journal
  readonly #epoch: Epoch
  #durable: Sequence
  #gathering: Gathered | undefined
  #inFlight: Gathered | undefined
  #failure: Error | undefined

  constructor(journal: Journal, epoch: Epoch, sequence: Sequence) {
    this.#journal = journal
    this.#epoch = epoch
    this.#durable = sequence
    void journal.failed.then(failure => this.fail(failure))
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  /** Estimated from the mean size of what was written lately. */
  get pendingBytes(): number {
    return (sizeOf(this.#gathering) + sizeOf(this.#inFlight)) * this.#journal.meanWriteBytes
  }

  add(sequence: Sequence, at: Millis, rows: readonly RowWrite[], records: readonly RecordWrite[]): void {
    const gathered = this.#gathering ?? this.#startGathering(sequence, at)
    gathered.to = sequence
    gathered.at = at
    for (const write of rows) gathered.rows.set(write.slot, write)
    for (const record of records) gathered.records.push(record)
  }

  /** Also of what was durable before, nothing may be said by a leader who may have been followed by another. */
  async durable(sequence: Sequence): Promise<void> {
    if (sequence > this.#durable) await this.#written(sequence)
    this.#journal.confirmLead()
  }

  fail(failure: JournalFailure | Error): void {
    this.#failure ??= failure
    this.#inFlight?.done.reject(this.#failure)
    this.#gathering?.done.reject(this.#failure)
  }

  async #written(sequence: Sequence): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const group = this.#inFlight && sequence <= this.#inFlight.to ? this.#inFlight : this.#gathering
    await group?.done.promise
  }

  #startGathering(from: Sequence, at: Millis): Gathered {
    const done = Promise.withResolvers<void>()
    // Nobody may be waiting for this group: `failed` reports for all.
    done.promise.catch(() => undefined)
    const gathered = { from, to: from, at, rows: new Map(), records: [], done }
    this.#gathering = gathered
    // Not before the present turn's other commits have gathered.
    if (this.#inFlight === undefined) queueMicrotask(() => this.#send())
    return gathered
  }

  #send(): void {
    if (this.#inFlight !== undefined || this.#gathering === undefined || this.#failure !== undefined) return
    const group = this.#gathering
    this.#inFlight = group
    this.#gathering = undefined
    this.#journal.append(groupOf(this.#epoch, group)).then(
      () => this.#finish(group),
      (error: unknown) => this.fail(error instanceof Error ? error : new Error(String(error))),
    )
  }

  #finish(group: Gathered): void {
    if (this.#failure !== undefined) return
    this.#durable = group.to
    this.#inFlight = undefined
    group.done.resolve()
    this.#send()
  }
}

const groupOf = (epoch: Epoch, { from, to, at, rows, records }: Gathered): Group => ({
  epoch,
  from,
  to,
  at,
  rows: [...rows.values()],
  records,
})

const sizeOf = (gathered: Gathered | undefined): number =>
  gathered === undefined ? 0 : gathered.rows.size + gathered.records.length
