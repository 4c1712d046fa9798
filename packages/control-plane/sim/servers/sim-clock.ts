import type { Clock } from '../../src/control-loop/clock.ts'
import type { Millis } from '../../src/store/table.ts'
import type { Stop } from '../../src/store/view.ts'
import type { World } from '../world.ts'
import type { ServerProcess } from './server-process.ts'

/** One server's time: a little off the true one, and passing while the server computes. */
export class SimClock implements Clock {
  readonly #world: World
  readonly #process: ServerProcess
  #offset: Millis
  /** True within a turn of the control loop, which takes time. */
  isComputing = false

  constructor(world: World, process: ServerProcess, offset: Millis) {
    this.#world = world
    this.#process = process
    this.#offset = offset
  }

  now(): Millis {
    if (this.isComputing && this.#world.random.chance(0.05)) this.#world.pass(1)
    return this.#world.now + this.#offset
  }

  notBefore(at: Millis): void {
    this.#offset = Math.max(this.#offset, at - this.#world.now)
  }

  setTimer(at: Millis, callback: () => void): Stop {
    return this.#process.after(Math.max(0, at - this.#offset - this.#world.now), callback)
  }
}
