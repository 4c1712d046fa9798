/** Somebody who pauses services for a while. */
import { serviceKey } from './acknowledged.ts'
import type { Caller } from './caller.ts'
import { daemonService } from './daemon-caller.ts'
import { externalService } from './task-set-caller.ts'

const pausable = [daemonService, externalService]

export class PauseCaller {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  async change(): Promise<void> {
    const { world, size } = this.#caller
    await world.sleep(world.random.integer(0, 10 * size.pauseMs))
    await this.#set(world.random.pick(pausable), world.random.chance(0.5))
  }

  async resumeAll(): Promise<void> {
    for (const service of pausable) await this.#set(service, false)
  }

  async #set(service: string, isPaused: boolean): Promise<void> {
    const { client, known, cluster } = this.#caller
    const name = isPaused ? 'PauseService' : 'ResumeService'
    await known.paused.promise(serviceKey(cluster, service), isPaused, false, () =>
      client.call(name, { cluster, service }),
    )
  }
}
