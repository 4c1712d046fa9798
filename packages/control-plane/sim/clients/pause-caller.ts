/** Somebody who pauses services for a while. */
import { serviceKey } from './acknowledged.ts'
import type { Caller } from './caller.ts'

export class PauseCaller {
  readonly #caller: Caller
  readonly #services: readonly string[]

  constructor(caller: Caller, services: readonly string[]) {
    this.#caller = caller
    this.#services = services
  }

  async change(): Promise<void> {
    const { world, size } = this.#caller
    await world.sleep(world.random.integer(0, 6 * size.pauseMs))
    await this.#set(world.random.pick(this.#services), world.random.chance(0.5))
  }

  async resumeAll(): Promise<void> {
    for (const service of this.#services)
      while ((await this.#set(service, false)) === 'unknown') await this.#caller.world.sleep(200)
  }

  async #set(service: string, isPaused: boolean): Promise<string> {
    const { client, known, cluster } = this.#caller
    const name = isPaused ? 'PauseService' : 'ResumeService'
    const { kind } = await known.paused.promise(serviceKey(cluster, service), isPaused, false, () =>
      client.call(name, { cluster, service }),
    )
    return kind
  }
}
