import { type FSWatcher, watch } from 'node:fs'
import { dirname } from 'node:path'
import type { Cancel, Clock } from '../clock.ts'
import { Checkpoints } from './checkpoint.ts'
import type { LogShipper, LogSource } from './log-shipper.ts'
import { createLogsApi, type Destination, type LogsApi, type LogsApiOptions } from './logs-api.ts'
import { holdMs, SourceShipping, type TurnResult } from './source-shipping.ts'

export interface LogShipperOptions extends LogsApiOptions {
  /** Holds a checkpoint for each container. */
  readonly stateDir: string
  readonly clock: Clock
  /** Told of what goes wrong, in a sentence. */
  readonly report: (problem: string) => void
  /** Sources that ship at the same time; default 4. Each holds up to 3 MiB during its turn. */
  readonly concurrency?: number
  /** How long lines gather before a source that was idle gets its turn; default 50. */
  readonly gatherMs?: number
  /** For tests. */
  readonly api?: LogsApi
}

/** A second look at every source, for what the file system's notices may have missed. */
const sweepMs = 10_000
/** Instead of notices, where there are none left to be had. */
const pollMs = 1_000
const backoffMs = { first: 200, most: 10_000 }

/** Its turn: none wanted, or only once it is held long enough, waiting for a timer, in the queue, or taking it. */
type Phase = 'idle' | 'held' | 'delayed' | 'queued' | 'running'

interface Followed {
  readonly shipping: SourceShipping
  phase: Phase
  cancelTimer: Cancel | undefined
  watcher: FSWatcher | undefined
  failures: number
  /** Something was written during the turn. */
  isTouched: boolean
  isGone: boolean
  readonly waiters: PromiseWithResolvers<void>[]
}

export interface PreparingLogShipper extends LogShipper {
  /**
   * Makes the stream (and the group, when the options ask for it) before a container starts. Rejects with
   * DestinationMissing when there is no group, which is the container's failure; anything else is worth another try.
   */
  prepare(destination: Destination): Promise<void>
}

export const createLogShipper = (options: LogShipperOptions): PreparingLogShipper =>
  new FairLogShipper(options)

/** Sources take turns in a ring: each ships one batch, then goes to the end of the queue, however much it has. */
class FairLogShipper implements PreparingLogShipper {
  readonly #api: LogsApi
  readonly #checkpoints: Checkpoints
  readonly #clock: Clock
  readonly #report: (problem: string) => void
  readonly #concurrency: number
  readonly #gatherMs: number
  readonly #followed = new Map<string, Followed>()
  readonly #queue: Followed[] = []
  readonly #running = new Set<Promise<void>>()
  readonly #releases = new Set<Promise<void>>()
  #cancelSweep: Cancel
  #isStopped = false

  constructor(options: LogShipperOptions) {
    this.#api = options.api ?? createLogsApi(options)
    this.#checkpoints = new Checkpoints(options.stateDir)
    this.#clock = options.clock
    this.#report = options.report
    this.#concurrency = options.concurrency ?? 4
    this.#gatherMs = options.gatherMs ?? 50
    this.#cancelSweep = this.#clock.after(sweepMs, () => this.#sweep())
  }

  prepare(destination: Destination): Promise<void> {
    return this.#api.ensure(destination)
  }

  follow(source: LogSource): void {
    if (this.#isStopped || this.#followed.has(source.runtimeId)) return
    const shipping = new SourceShipping(source, {
      api: this.#api,
      checkpoints: this.#checkpoints,
      now: () => this.#clock.now(),
      report: this.#report,
    })
    const followed: Followed = {
      shipping,
      phase: 'idle',
      cancelTimer: undefined,
      watcher: undefined,
      failures: 0,
      isTouched: false,
      isGone: false,
      waiters: [],
    }
    this.#followed.set(source.runtimeId, followed)
    this.#watch(followed)
    this.#enqueue(followed)
  }

  async drained(runtimeId: string): Promise<void> {
    const followed = this.#followed.get(runtimeId)
    if (!followed) return
    const waiter = Promise.withResolvers<void>()
    followed.waiters.push(waiter)
    followed.shipping.isEnded = true
    if (followed.phase === 'running') followed.isTouched = true
    else if (followed.failures === 0) this.#enqueue(followed)
    await waiter.promise
  }

  forget(runtimeId: string): void {
    const followed = this.#followed.get(runtimeId)
    if (!followed) return
    this.#followed.delete(runtimeId)
    const release = this.#release(followed, true).finally(() => this.#releases.delete(release))
    this.#releases.add(release)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelSweep()
    const all = [...this.#followed.values()]
    this.#followed.clear()
    this.#queue.length = 0
    await Promise.all(all.map(followed => this.#release(followed, false)))
    await Promise.all(this.#releases)
    this.#api.close()
  }

  /** During a turn its end does the closing. */
  async #release(followed: Followed, forget: boolean): Promise<void> {
    followed.isGone = true
    followed.cancelTimer?.()
    followed.watcher?.close()
    for (const waiter of followed.waiters.splice(0)) waiter.resolve()
    while (followed.phase === 'running') await Promise.race(this.#running)
    await followed.shipping
      .close(forget)
      .catch((error: unknown) => this.#report(`The logs of a container cannot be let go: ${error}`))
  }

  #watch(followed: Followed): void {
    const { logPath } = followed.shipping.source
    try {
      // The directory, because a rotation renames the file.
      const watcher = watch(dirname(logPath), { persistent: false }, () => this.#touch(followed))
      watcher.on('error', () => this.#pollInstead(followed))
      followed.watcher = watcher
    } catch {
      this.#pollInstead(followed)
    }
  }

  /** The kernel has no notices left (fs.inotify.max_user_watches), or the directory is not there yet. */
  #pollInstead(followed: Followed): void {
    followed.watcher?.close()
    followed.watcher = undefined
    if (followed.isGone) return
    this.#clock.after(pollMs, () => {
      if (followed.isGone) return
      this.#touch(followed)
      this.#watch(followed)
    })
  }

  #touch(followed: Followed): void {
    if (followed.phase === 'running') followed.isTouched = true
    else if (followed.phase === 'idle' || followed.phase === 'held') this.#delay(followed, this.#gatherMs)
  }

  #delay(followed: Followed, delayMs: number, phase: 'delayed' | 'held' = 'delayed'): void {
    if (followed.isGone) return
    followed.phase = phase
    followed.cancelTimer?.()
    followed.cancelTimer = this.#clock.after(delayMs, () => this.#enqueue(followed))
  }

  #enqueue(followed: Followed): void {
    if (followed.isGone || followed.phase === 'queued' || followed.phase === 'running') return
    followed.cancelTimer?.()
    followed.cancelTimer = undefined
    followed.phase = 'queued'
    this.#queue.push(followed)
    this.#dispatch()
  }

  #dispatch(): void {
    while (this.#running.size < this.#concurrency) {
      const followed = this.#queue.shift()
      if (!followed) return
      if (followed.isGone) continue
      followed.phase = 'running'
      followed.isTouched = false
      const turn = this.#take(followed).finally(() => {
        this.#running.delete(turn)
        this.#dispatch()
      })
      this.#running.add(turn)
    }
  }

  async #take(followed: Followed): Promise<void> {
    const { isEnded } = followed.shipping
    try {
      const result = await followed.shipping.turn()
      followed.failures = 0
      followed.phase = 'idle'
      this.#afterTurn(followed, result, isEnded)
    } catch (error) {
      followed.phase = 'idle'
      this.#afterFailure(followed, error)
    }
  }

  #afterTurn(followed: Followed, result: TurnResult, wasEnded: boolean): void {
    if (result === 'idle' && wasEnded && !followed.isTouched) {
      for (const waiter of followed.waiters.splice(0)) waiter.resolve()
      // The container may be started again.
      followed.shipping.isEnded = false
    } else if (result === 'more' || followed.shipping.isEnded) this.#enqueue(followed)
    else if (followed.isTouched) this.#delay(followed, this.#gatherMs)
    else if (result === 'held') this.#delay(followed, holdMs, 'held')
  }

  #afterFailure(followed: Followed, error: unknown): void {
    if (followed.isGone) return
    // Once is enough: the retries go on until it works.
    if (followed.failures === 0)
      this.#report(`The logs of ${followed.shipping.source.stream} wait: ${(error as Error).message}`)
    const delayMs = Math.min(backoffMs.first * 2 ** followed.failures, backoffMs.most)
    followed.failures = Math.min(followed.failures + 1, 10)
    this.#delay(followed, delayMs)
  }

  #sweep(): void {
    for (const followed of this.#followed.values()) this.#touch(followed)
    this.#cancelSweep = this.#clock.after(sweepMs, () => this.#sweep())
  }
}
