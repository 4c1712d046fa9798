import type { Millis } from '../store/table.ts'
import type { Stop } from '../store/view.ts'
import type { Clock } from './clock.ts'
import { TimerHeap } from './timer-heap.ts'

/** Time that stands still until it is moved: for tests and simulation. */
export class ManualClock implements Clock {
  readonly #timers = new TimerHeap<{ callback: (() => void) | undefined }>()
  #now: Millis
  leaptAt: Millis | undefined

  constructor(now: Millis = 1_700_000_000_000) {
    this.#now = now
  }

  now(): Millis {
    return this.#now
  }

  notBefore(at: Millis): void {
    this.#now = Math.max(this.#now, at)
  }

  setTimer(at: Millis, callback: () => void): Stop {
    const timer: { callback: (() => void) | undefined } = { callback }
    this.#timers.add(at, timer)
    return () => {
      timer.callback = undefined
    }
  }

  /** When the next timer is due; a cancelled one may be named too. */
  get nextTimerAt(): Millis | undefined {
    return this.#timers.nextAt
  }

  /** Moves to `at`, and on the way runs every timer at its own time, those that timers set included. */
  advanceTo(at: Millis): void {
    for (let next = this.#timers.nextAt; next !== undefined && next <= at; next = this.#timers.nextAt) {
      this.#now = Math.max(this.#now, next)
      this.#timers.takeDue(this.#now)?.callback?.()
    }
    this.#now = Math.max(this.#now, at)
  }

  /** As a machine that has slept: nothing ran on the way. */
  leap(millis: Millis): void {
    this.#now += millis
    this.leaptAt = this.#now
  }

  advance(millis: Millis): void {
    this.advanceTo(this.#now + millis)
  }
}
