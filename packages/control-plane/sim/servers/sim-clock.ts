import type { Clock } from '../../src/control-loop/clock.ts'
import type { Millis } from '../../src/store/table.ts'
import type { Stop } from '../../src/store/view.ts'
import type { World } from '../world.ts'
import type { ServerProcess } from './server-process.ts'

/** As the real clock: wall time this far ahead means that the machine slept, or that its time was set. */
const JUMP_MS = 5_000
const LONGEST_SLEEP_MS = 30_000

/** One server's time: a little off the true one, passing while the server computes, and following its machine's leaps ahead. */
export class SimClock implements Clock {
  readonly #world: World
  readonly #process: ServerProcess
  readonly #wallOffset: () => Millis
  #offset: Millis
  /** True within a turn of the control loop, which takes time. */
  isComputing = false
  leaptAt: Millis | undefined
  /** Called when the clock has leapt ahead. */
  onLeap: (offset: Millis) => void = () => {}

  /** `wallOffset`: so far is the machine's time from the true one now. */
  constructor(world: World, process: ServerProcess, wallOffset: () => Millis) {
    this.#world = world
    this.#process = process
    this.#wallOffset = wallOffset
    this.#offset = wallOffset()
  }

  get offset(): Millis {
    return this.#offset
  }

  now(): Millis {
    if (this.isComputing && this.#world.random.chance(0.05)) this.#world.pass(1)
    if (this.#wallOffset() - this.#offset > JUMP_MS) {
      this.#offset = this.#wallOffset()
      this.leaptAt = this.#world.now + this.#offset
      this.onLeap(this.#offset)
    }
    return this.#world.now + this.#offset
  }

  notBefore(at: Millis): void {
    this.#offset = Math.max(this.#offset, at - this.#world.now)
  }

  setTimer(at: Millis, callback: () => void): Stop {
    let cancel: Stop = () => {}
    const sleep = (): void => {
      const wait = Math.max(0, at - this.#offset - this.#world.now)
      cancel = this.#process.after(Math.min(wait, LONGEST_SLEEP_MS), () => {
        if (wait > LONGEST_SLEEP_MS && this.now() < at) sleep()
        else callback()
      })
    }
    sleep()
    return () => cancel()
  }
}
