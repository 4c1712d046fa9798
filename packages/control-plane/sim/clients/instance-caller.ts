/** Somebody who drains, activates and deregisters container instances. */
import { type Caller, instancesOf } from './caller.ts'

export class InstanceCaller {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  async change(): Promise<void> {
    const { world, size } = this.#caller
    const { random } = world
    await world.sleep(random.integer(0, 10 * size.pauseMs))
    const active = await instancesOf(this.#caller, 'ACTIVE')
    const draining = await instancesOf(this.#caller, 'DRAINING')
    if (draining.length > 0 && random.chance(0.6)) await this.#set(random.pick(draining), 'ACTIVE')
    else if (active.length > 1 && random.chance(0.7)) await this.#set(random.pick(active), 'DRAINING')
    else if (active.length > 1 && random.chance(0.5)) await this.#deregister(random.pick(active))
  }

  /** The operator takes every instance back into service. */
  async activateAll(): Promise<void> {
    for (const arn of await instancesOf(this.#caller, 'DRAINING')) await this.#set(arn, 'ACTIVE')
  }

  async #set(arn: string, status: 'ACTIVE' | 'DRAINING'): Promise<void> {
    const { client, known, cluster } = this.#caller
    const before = status === 'ACTIVE' ? 'DRAINING' : 'ACTIVE'
    await known.instances.promise(arn, status, before, () =>
      client.call('UpdateContainerInstancesState', { cluster, containerInstances: [arn], status }),
    )
  }

  /** An INACTIVE instance is listed no more. */
  async #deregister(arn: string): Promise<void> {
    const { client, known, cluster } = this.#caller
    await known.instances.promise(arn, 'INACTIVE', 'ACTIVE', () =>
      client.call('DeregisterContainerInstance', { cluster, containerInstance: arn, force: true }),
    )
  }
}
