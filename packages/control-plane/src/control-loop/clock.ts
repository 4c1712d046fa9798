import type { Millis } from '../store/table.ts'
import type { Stop } from '../store/view.ts'

/** The only time that the core knows. */
export interface Clock {
  /** Never goes back: anchored to wall time at the start, and never below the time of the last commit. */
  now(): Millis
  /** When it last leapt ahead, since the machine had slept or its time was set: nobody could be heard in what was left out. */
  readonly leaptAt: Millis | undefined
  /** From now on `now` is at least `at`: what the journal's newest commit says after a start. */
  notBefore(at: Millis): void
  /** Calls back once, in a turn of its own, when `now` has reached `at`. */
  setTimer(at: Millis, callback: () => void): Stop
}
