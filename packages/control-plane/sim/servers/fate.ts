/** Where the next server dies that comes there: beside what it computes. */
import type { World } from '../world.ts'
import type { ServerProcess } from './server-process.ts'
import type { SimServer } from './sim-server.ts'

/** Of an effect: nothing is done yet; it may be done; it is done, and nobody knows it. */
export const momentsOfEffects = ['before an effect', 'during an effect', 'after an effect'] as const

/** A write is not sent, sent, or on disk without an answer; a message to an agent is lost; one of an agent is not read, or read. */
export const momentsOfMessages = [
  'before a write',
  'during a write',
  'after a write',
  'sending to an agent',
  'before a message of an agent',
  'after a message of an agent',
] as const

export type Moment = (typeof momentsOfEffects | typeof momentsOfMessages)[number]

export class Fate {
  readonly #world: World
  readonly #servers: readonly SimServer[]
  readonly #fatal = new Set<Moment>()

  /** `servers` are there when the run begins. */
  constructor(world: World, servers: readonly SimServer[]) {
    this.#world = world
    this.#servers = servers
  }

  /** The next server to come to one of these moments dies there. */
  draw(moments: readonly Moment[]): void {
    this.#fatal.add(this.#world.random.pick(moments))
  }

  heal(): void {
    this.#fatal.clear()
  }

  /** A process comes to a moment, and may be dead afterwards. */
  pass(moment: Moment, process: ServerProcess): void {
    if (!process.alive || !this.#fatal.delete(moment)) return
    this.#servers.find(server => server.process === process)?.kill(moment)
  }
}
