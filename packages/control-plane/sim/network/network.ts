/** Who reaches whom, and how slowly. */
import type { World } from '../world.ts'

export interface NetworkConditions {
  /** Of a message: it takes up to seconds. */
  slow: number
}

export class Network {
  readonly conditions: NetworkConditions
  readonly #world: World
  /** Hosts, or `host>server`, that nothing gets to or from. */
  readonly #cut = new Set<string>()

  constructor(world: World, conditions: NetworkConditions) {
    this.#world = world
    this.conditions = conditions
  }

  cut(host: string, server?: string): void {
    this.#cut.add(server === undefined ? host : `${host}>${server}`)
  }

  restore(host: string, server?: string): void {
    this.#cut.delete(server === undefined ? host : `${host}>${server}`)
  }

  isCut(host: string, server: string): boolean {
    return this.#cut.has(host) || this.#cut.has(`${host}>${server}`)
  }

  heal(): void {
    this.#cut.clear()
    this.conditions.slow = 0
  }

  delay(): number {
    const { random } = this.#world
    return random.chance(this.conditions.slow) ? random.integer(50, 4_000) : random.integer(0, 3)
  }
}
