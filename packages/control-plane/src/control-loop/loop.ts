import type { Millis } from '../store/table.ts'
import type { Change, Commit, Stop, Store } from '../store/view.ts'
import { applyPlan } from './applier.ts'
import type { Clock } from './clock.ts'
import type { Plan, Reconciler, Surroundings } from './plan.ts'
import { type WorkItem, WorkQueue } from './work-queue.ts'

/** A turn ends after this long, so that requests and agents get theirs; one reconciliation must stay well below it. */
const TURN_MS = 2
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 60_000
/** Far more than any state needs to settle: two reconcilers that undo each other's work are found by it. */
const SETTLE_LIMIT = 1_000_000

export interface ControlLoopOptions {
  readonly store: Store
  readonly reconcilers: readonly Reconciler[]
  readonly clock: Clock
  readonly randomHex: Surroundings['randomHex']
  /** Runs the turn soon, behind what the event loop has waiting (setImmediate outside of tests). */
  readonly schedule: (turn: () => void) => void
  /** A reconciler threw, which is a fault of ours: its key is tried again later, the others go on. */
  readonly onFault: (error: unknown, item: WorkItem) => void
}

/** Watches the store, and reconciles the keys that changes concern. */
export class ControlLoop {
  readonly #options: ControlLoopOptions
  readonly #reconcilers: ReadonlyMap<string, Reconciler>
  /** Those that a change of a table may concern, by its name: most changes concern one or two. */
  readonly #byTable = new Map<string, Reconciler[]>()
  #queue: WorkQueue
  /** Keys still to be queued after a start, read bit by bit: there may be a hundred thousand. */
  #sweeps: { readonly reconciler: string; readonly keys: Iterator<string> }[] = []
  #state: 'stopped' | 'running' = 'stopped'
  #scheduled = false
  #stopWatching: Stop | undefined
  #timer: { readonly at: Millis; readonly stop: Stop } | undefined

  constructor(options: ControlLoopOptions) {
    this.#options = options
    this.#reconcilers = new Map(options.reconcilers.map(reconciler => [reconciler.name, reconciler]))
    if (this.#reconcilers.size !== options.reconcilers.length)
      throw new Error('Two reconcilers have the same name')
    for (const reconciler of options.reconcilers)
      for (const { name } of reconciler.tables)
        this.#byTable.set(name, [...(this.#byTable.get(name) ?? []), reconciler])
    this.#queue = new WorkQueue([...this.#reconcilers.keys()])
  }

  /** Queues every key of every reconciler. */
  start(): void {
    if (this.#state === 'running') return
    this.#state = 'running'
    this.#queue = new WorkQueue([...this.#reconcilers.keys()])
    this.#stopWatching = this.#options.store.watch(commit => this.#note(commit))
    for (const reconciler of this.#reconcilers.values()) this.#startSweep(reconciler)
    this.#schedule()
  }

  /** Nothing is reconciled after it; `start` begins from all keys again. */
  stop(): void {
    this.#state = 'stopped'
    this.#stopWatching?.()
    this.#timer?.stop()
    this.#timer = undefined
    this.#sweeps = []
  }

  /** True when no key waits and no wake is due. */
  idle(): boolean {
    if (this.#state === 'stopped') return true
    const wakeAt = this.#queue.nextWakeAt
    const due = wakeAt !== undefined && wakeAt <= this.#options.clock.now()
    return this.#queue.size === 0 && this.#sweeps.length === 0 && !due
  }

  /** Reconciles until nothing is left to do at this moment of the clock: for tests and simulation. */
  runUntilIdle(): void {
    for (let done = 0; !this.idle(); done++) {
      if (done > SETTLE_LIMIT) throw new Error('The reconcilers never settle')
      this.#step()
    }
    this.#setTimer()
  }

  /** When the next wake is due. */
  get nextWakeAt(): Millis | undefined {
    return this.#queue.nextWakeAt
  }

  #note({ changes }: Commit): void {
    for (const change of changes)
      for (const reconciler of this.#byTable.get(change.table.name) ?? []) this.#noteFor(reconciler, change)
    this.#schedule()
  }

  #noteFor(reconciler: Reconciler, change: Change): void {
    try {
      for (const key of reconciler.keysOf(change, this.#options.store)) this.#queue.add(reconciler.name, key)
    } catch (error) {
      this.#options.onFault(error, { reconciler: reconciler.name, key: '' })
      // Which keys the change concerns is not known: all of them may be.
      this.#startSweep(reconciler)
    }
  }

  #startSweep({ name, keys }: Reconciler): void {
    const { store } = this.#options
    const iterate = function* () {
      yield* keys(store)
    }
    this.#sweeps.push({ reconciler: name, keys: iterate() })
  }

  #schedule(): void {
    if (this.#scheduled || this.#state === 'stopped' || this.idle()) return
    this.#scheduled = true
    this.#options.schedule(() => this.#turn())
  }

  #turn(): void {
    this.#scheduled = false
    const end = this.#options.clock.now() + TURN_MS
    while (!this.idle() && this.#options.clock.now() < end) this.#step()
    if (this.#state === 'stopped') return
    this.#setTimer()
    this.#schedule()
  }

  #step(): void {
    this.#queue.wake(this.#options.clock.now())
    if (this.#sweeps.length > 0) this.#sweep()
    const item = this.#queue.take()
    if (item !== undefined) this.#reconcile(item)
  }

  /** Queues one key more of the first reconciler that has any left. */
  #sweep(): void {
    const sweep = this.#sweeps[0]
    if (sweep === undefined) return
    try {
      const { done, value } = sweep.keys.next()
      if (done === true) this.#sweeps.shift()
      else this.#queue.add(sweep.reconciler, value)
    } catch (error) {
      this.#sweeps.shift()
      this.#options.onFault(error, { reconciler: sweep.reconciler, key: '' })
    }
  }

  #reconcile(item: WorkItem): void {
    const reconciler = this.#reconcilers.get(item.reconciler)
    if (reconciler === undefined) return
    const { store, clock, randomHex, onFault } = this.#options
    const now = clock.now()
    try {
      const plan = reconciler.reconcile(store, item.key, { now, randomHex })
      this.#finish(item, plan, applyPlan(store, plan))
      this.#queue.forgetFailures(item)
    } catch (error) {
      const failures = this.#queue.countFailure(item)
      const delay = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS)
      this.#queue.wakeAt(item.reconciler, item.key, now + delay)
      onFault(error, item)
    }
  }

  #finish({ reconciler, key }: WorkItem, { wakeAt, unfinished }: Plan, applied: boolean): void {
    if (!applied || unfinished === true) this.#queue.add(reconciler, key)
    // A wake that is due already still has to let time pass, or the loop would never be idle.
    if (wakeAt !== undefined)
      this.#queue.wakeAt(reconciler, key, Math.max(wakeAt, this.#options.clock.now() + 1))
  }

  #setTimer(): void {
    const at = this.#queue.nextWakeAt
    if (at === undefined || this.#state === 'stopped') return
    if (this.#timer !== undefined && this.#timer.at <= at) return
    this.#timer?.stop()
    const stop = this.#options.clock.setTimer(at, () => {
      this.#timer = undefined
      this.#schedule()
      // A timer that came early must not be the last.
      if (!this.#scheduled) this.#setTimer()
    })
    this.#timer = { at, stop }
  }
}

export const createControlLoop = (options: ControlLoopOptions): ControlLoop => new ControlLoop(options)
