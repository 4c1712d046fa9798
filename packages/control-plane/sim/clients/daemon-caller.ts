/** Somebody who wants one task on every instance, and changes now and then what it is. */
import type { Caller } from './caller.ts'

export const daemonService = 'daemon'

export class DaemonCaller {
  readonly #caller: Caller
  #isThere = false

  constructor(caller: Caller) {
    this.#caller = caller
  }

  async change(): Promise<void> {
    const { client, cluster, definitions, world, size } = this.#caller
    await world.sleep(world.random.integer(0, 10 * size.pauseMs))
    const taskDefinition = world.random.pick(definitions.daemons)
    if (this.#isThere) {
      await client.call('UpdateService', { cluster, service: daemonService, taskDefinition })
      return
    }
    const schedulingStrategy = 'DAEMON'
    const input = { cluster, serviceName: daemonService, schedulingStrategy, taskDefinition }
    await client.certainly('CreateService', { ...input, clientToken: `${cluster}-daemon` })
    this.#isThere = true
  }
}
