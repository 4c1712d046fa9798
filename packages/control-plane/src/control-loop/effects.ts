import type { Millis } from '../store/table.ts'
import type { Stop, Store } from '../store/view.ts'
import type { Clock } from './clock.ts'
import { type EffectResult, type EffectRow, effects } from './effects-table.ts'

const FIRST_RETRY_MS = 1000
const LAST_RETRY_MS = 60_000

/**
 * Acts on the outside, at least once per effect: after a crash it is called again with the same id.
 * Resolves with the result (JSON). A rejection is tried again later, not sooner than its `retryAfterMs` says, unless its `retryable` is false.
 */
export type Performer = (effect: {
  readonly id: string
  readonly request: unknown
  readonly attempt: number
  /** Aborted at the deadline, when the row is gone, and when the server stops. */
  readonly signal: AbortSignal
}) => Promise<unknown>

export interface EffectRunnerOptions {
  readonly store: Store
  readonly clock: Clock
  /** By the effect's kind. */
  readonly performers: Readonly<Record<string, Performer>>
  /** An effect could not be run or reported: a fault of ours, or the journal's end. */
  readonly onFault: (error: unknown, effectId: string) => void
}

/** Runs the performers of open effects: each once its row is durable, one call at a time per effect. */
export class EffectRunner {
  readonly #options: EffectRunnerOptions
  readonly #running = new Map<string, AbortController>()
  readonly #timers = new Map<string, Stop>()
  #stopWatching: Stop | undefined

  constructor(options: EffectRunnerOptions) {
    this.#options = options
  }

  start(): void {
    const { store } = this.#options
    this.#stopWatching ??= store.watch(({ changes }) => {
      for (const { table, id } of changes) if (table.name === effects.name) this.#consider(id)
    })
    for (const { id } of store.where(effects, 'byState', 'open')) this.#consider(id)
  }

  stop(): void {
    this.#stopWatching?.()
    this.#stopWatching = undefined
    for (const stop of this.#timers.values()) stop()
    this.#timers.clear()
    for (const running of this.#running.values()) running.abort(new Error('The server stops'))
  }

  #consider(id: string): void {
    const row = this.#open(id)
    this.#timers.get(id)?.()
    this.#timers.delete(id)
    if (row === undefined) {
      this.#running.get(id)?.abort(new Error('The effect is not wanted any more'))
      return
    }
    if (this.#running.has(id)) return
    if (row.notBefore > this.#options.clock.now()) {
      this.#considerAt(id, row.notBefore)
      return
    }
    const abort = new AbortController()
    this.#running.set(id, abort)
    void this.#run(id, abort).then(
      () => this.#ended(id),
      error => {
        this.#options.onFault(error, id)
        this.#ended(id, FIRST_RETRY_MS)
      },
    )
  }

  /** What was written while it ran, its own report included, may ask for the next attempt. */
  #ended(id: string, delay: Millis = 0): void {
    this.#running.delete(id)
    if (this.#stopWatching === undefined || this.#open(id) === undefined) return
    if (delay === 0) this.#consider(id)
    else this.#considerAt(id, this.#options.clock.now() + delay)
  }

  #considerAt(id: string, at: Millis): void {
    const stop = this.#options.clock.setTimer(at, () => this.#consider(id))
    this.#timers.set(id, stop)
  }

  async #run(id: string, abort: AbortController): Promise<void> {
    const { store, clock, performers } = this.#options
    await store.durable(store.versionOf(effects, id))
    const row = this.#open(id)
    if (row === undefined || abort.signal.aborted) return
    const performer = performers[row.kind]
    if (performer === undefined)
      return this.#report(id, { outcome: 'failed', error: `Nothing performs ${row.kind}` })
    if (row.deadline <= clock.now()) return this.#report(id, LATE)
    const stopTimer = clock.setTimer(row.deadline, () => abort.abort(new Error(LATE.error)))
    try {
      const { request, attempt } = row
      const value = await orAborted(performer({ id, request, attempt, signal: abort.signal }), abort.signal)
      this.#report(id, { outcome: 'done', value: value ?? null })
    } catch (error) {
      this.#fail(id, error)
    } finally {
      stopTimer()
    }
  }

  #fail(id: string, error: unknown): void {
    const row = this.#open(id)
    // Stopped: the next start tries again.
    if (row === undefined || this.#stopWatching === undefined) return
    const now = this.#options.clock.now()
    const pause = Math.min(FIRST_RETRY_MS * 2 ** row.attempt, LAST_RETRY_MS)
    const notBefore = now + Math.max(pause, retryAfterOf(error))
    const message = error instanceof Error ? error.message : String(error)
    if (!isRetryable(error)) this.#report(id, { outcome: 'failed', error: message })
    else if (notBefore >= row.deadline)
      this.#report(id, { outcome: 'failed', error: `${LATE.error}: ${message}` })
    else this.#options.store.update(tx => tx.put(effects, { ...row, attempt: row.attempt + 1, notBefore }))
  }

  #report(id: string, result: EffectResult): void {
    const row = this.#open(id)
    if (row !== undefined) this.#options.store.update(tx => tx.put(effects, { ...row, result }))
  }

  #open(id: string): EffectRow | undefined {
    const row = this.#options.store.get(effects, id)
    return row?.result === undefined ? row : undefined
  }
}

/** The row of a new effect, to be tried at once. */
export const newEffect = (
  { id, kind, request, deadline }: Pick<EffectRow, 'id' | 'kind' | 'request' | 'deadline'>,
  now: Millis,
): EffectRow => ({ id, kind, request, deadline, attempt: 0, notBefore: now })

const LATE = { outcome: 'failed', error: 'The deadline has passed' } as const

const isRetryable = (error: unknown): boolean =>
  !(error instanceof Error && 'retryable' in error && error.retryable === false)

/** As long the outside wants to be left alone. */
const retryAfterOf = (error: unknown): Millis =>
  error instanceof Error && 'retryAfterMs' in error && typeof error.retryAfterMs === 'number'
    ? error.retryAfterMs
    : 0

/** A performer that does not heed its signal must not hold the effect for ever. */
const orAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
