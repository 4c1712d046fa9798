import type { Clock } from './control-loop/clock.ts'
import type { Millis } from './store/table.ts'
import type { Stop } from './store/view.ts'

/** Wall time this far ahead of the clock means that the machine slept or that its time was set. */
const JUMP_MS = 5_000
/** No timer sleeps longer, so that a jump is noticed. */
const LONGEST_SLEEP_MS = 30_000

/**
 * The machine's time: runs with the monotonic clock from the wall time at its start, so that it never goes back,
 * and jumps forward with the wall clock when a laptop wakes up (signatures would be too old otherwise).
 */
export const createSystemClock = (): Clock => {
  let offset = Date.now() - performance.now()
  let leaptAt: Millis | undefined
  const now = (): Millis => {
    const monotonic = performance.now()
    if (Date.now() - (monotonic + offset) > JUMP_MS) {
      offset = Date.now() - monotonic
      leaptAt = Math.floor(monotonic + offset)
    }
    return Math.floor(monotonic + offset)
  }
  const notBefore = (at: Millis): void => {
    offset = Math.max(offset, at - performance.now() + 1)
  }
  return {
    now,
    get leaptAt() {
      return leaptAt
    },
    notBefore,
    setTimer: (at, callback) => setTimer(now, at, callback),
  }
}

const setTimer = (now: () => Millis, at: Millis, callback: () => void): Stop => {
  let timer: NodeJS.Timeout
  const sleep = () => {
    timer = setTimeout(
      () => {
        if (now() < at) sleep()
        else callback()
      },
      Math.min(Math.max(at - now(), 0), LONGEST_SLEEP_MS),
    )
    timer.unref()
  }
  sleep()
  return () => clearTimeout(timer)
}
