import { createHash } from 'node:crypto'
import { TimerHeap } from '../src/control-loop/timer-heap.ts'
import { ClusterTime } from './cluster-time.ts'
import { Random } from './random.ts'

/** Something happened that must never happen: the run ends. */
export class Violation extends Error {
  readonly checker: string

  constructor(checker: string, message: string) {
    super(message)
    this.name = 'Violation'
    this.checker = checker
  }
}

export type Cancel = () => void

const START = 1_700_000_000_000
const REMEMBERED_LINES = 400

/** Time, chance and the one queue of everything that will happen in a run. */
export class World {
  readonly random: Random
  readonly clusterTime = new ClusterTime(() => this.#now)
  readonly #events = new TimerHeap<{ run: (() => void) | undefined }>()
  readonly #hash = createHash('sha256')
  readonly #lines: string[] = []
  #now = START
  #violation: Violation | undefined
  #handled = 0

  readonly #tell: ((line: string) => void) | undefined

  /** `tell` gets every line of the event log. */
  constructor(seed: number, tell?: (line: string) => void) {
    this.#tell = tell
    this.random = new Random(seed)
  }

  /** Milliseconds of true time, which no server knows exactly. */
  get now(): number {
    return this.#now
  }

  get violation(): Violation | undefined {
    return this.#violation
  }

  get eventCount(): number {
    return this.#handled
  }

  /** The newest lines of the event log. */
  get lines(): readonly string[] {
    return this.#lines
  }

  /** Of the whole event log: two runs with one seed have the same. */
  digest(): string {
    return this.#hash.copy().digest('hex').slice(0, 16)
  }

  after(delayMs: number, run: () => void): Cancel {
    const event: { run: (() => void) | undefined } = { run }
    this.#events.add(this.#now + delayMs, event)
    return () => {
      event.run = undefined
    }
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise(resolve => this.after(delayMs, resolve))
  }

  /** Time passes while somebody computes: what is due meanwhile comes late. */
  pass(millis: number): void {
    this.#now += millis
  }

  trace(actor: string, text: string): void {
    const line = `${((this.#now - START) / 1000).toFixed(3)} ${actor}: ${text}`
    this.#hash.update(line)
    this.#lines.push(line)
    this.#tell?.(line)
    if (this.#lines.length > 2 * REMEMBERED_LINES) this.#lines.splice(0, REMEMBERED_LINES)
  }

  /** The first violation counts; the run ends with it. */
  fail(checker: string, message: string): void {
    if (this.#violation !== undefined) return
    this.#violation = new Violation(checker, message)
    this.trace('checker', `${checker}: ${message}`)
  }

  /** Runs what is due up to `at`, or until `isDone`, or a violation. */
  async runUntil(at: number, isDone: () => boolean = () => false): Promise<void> {
    for (let next = this.#events.nextAt; next !== undefined && next <= at; next = this.#events.nextAt) {
      if (this.#violation !== undefined || isDone()) return
      this.#now = Math.max(this.#now, next)
      const event = this.#events.takeDue(this.#now)
      if (event?.run === undefined) continue
      this.#handled++
      event.run()
      await everyMicrotask()
    }
    this.#now = Math.max(this.#now, at)
  }
}

/** Resolves once every promise that can go on has gone on: nothing here waits for the real world. */
const everyMicrotask = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
