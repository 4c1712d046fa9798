/** Somebody who creates, scales, rolls and deletes services. */
import { type Breaker, type ServiceWish, type SpecifiedService, serviceKey } from './acknowledged.ts'
import type { Caller } from './caller.ts'
import { stopDeployment } from './deployment-stop.ts'

const configurationOf = ({ minimum, maximum, breaker }: SpecifiedService) => ({
  minimumHealthyPercent: minimum,
  maximumPercent: maximum,
  deploymentCircuitBreaker: { enable: breaker !== 'off', rollback: breaker === 'rolls-back' },
})

const percents = [
  [100, 200],
  [50, 100],
  [50, 150],
  [0, 100],
  [100, 150],
] as const

export class ServiceCaller {
  readonly names: readonly string[]
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
    this.names = Array.from({ length: caller.size.services }, (_, index) => `service-${index + 1}`)
  }

  async change(name: string): Promise<void> {
    const { random } = this.#caller.world
    const wish = this.wishOf(name)
    if (typeof wish === 'string') await this.#create(name, wish)
    else if (random.chance(0.1)) await this.#delete(name, wish)
    else if (this.#caller.size.stops && random.chance(0.15))
      await stopDeployment(this.#caller, name, ['ROLLBACK', 'ABORT'])
    else {
      const changed = random.chance(0.5)
        ? { ...wish, desiredCount: this.#count() }
        : { ...wish, taskDefinition: this.#definitionFor(wish.breaker) }
      await this.#update(name, this.#withHope(changed))
    }
  }

  /** The operator scales services that need more hosts than there are. */
  async fitTo(hosts: number): Promise<void> {
    for (const name of this.names) {
      const wish = this.wishOf(name)
      const { needs } = this.#caller.definitions
      if (typeof wish === 'string' || needs.get(wish.taskDefinition)?.port === undefined) continue
      // A port that every host has once leaves no room to roll: what is replaced has to go first.
      await this.#update(name, { ...wish, desiredCount: Math.min(wish.desiredCount, Math.max(0, hosts - 1)) })
    }
  }

  wishOf(name: string): ServiceWish {
    const { known, cluster } = this.#caller
    return known.services.latest(serviceKey(cluster, name)) ?? 'absent'
  }

  async #create(name: string, before: ServiceWish): Promise<void> {
    const { world, client, cluster } = this.#caller
    const { random } = world
    const [minimum, maximum] = random.pick(percents)
    const breaker = random.pick(['off', 'off', 'gives-up', 'rolls-back'] as const)
    const wish = this.#withHope({
      desiredCount: this.#count(),
      taskDefinition: this.#definitionFor(breaker),
      minimum,
      maximum,
      breaker,
      graceSeconds: random.pick([0, 0, 8]),
    })
    await this.#promise(name, wish, before, () =>
      client.call('CreateService', {
        cluster,
        serviceName: name,
        taskDefinition: wish.taskDefinition,
        desiredCount: wish.desiredCount,
        deploymentConfiguration: configurationOf(wish),
        healthCheckGracePeriodSeconds: wish.graceSeconds,
      }),
    )
  }

  async #update(name: string, wish: SpecifiedService): Promise<void> {
    const { client, cluster } = this.#caller
    await this.#promise(name, wish, this.wishOf(name), () =>
      client.call('UpdateService', {
        cluster,
        service: name,
        desiredCount: wish.desiredCount,
        taskDefinition: wish.taskDefinition,
        deploymentConfiguration: configurationOf(wish),
      }),
    )
  }

  async #delete(name: string, wish: ServiceWish): Promise<void> {
    const { client, cluster, known } = this.#caller
    await this.#promise(name, 'gone', wish, () =>
      client.call('DeleteService', { cluster, service: name, force: true }),
    )
    known.paused.settle(serviceKey(cluster, name), false)
  }

  async #promise(
    name: string,
    next: ServiceWish,
    before: ServiceWish,
    call: () => ReturnType<Caller['client']['call']>,
  ): Promise<void> {
    const { known, cluster } = this.#caller
    await known.services.promise(serviceKey(cluster, name), next, before, call)
  }

  #definitionFor(breaker: Breaker): string {
    const { definitions, world } = this.#caller
    return breaker !== 'off' && world.random.chance(0.3) ? definitions.hopeless : definitions.serving()
  }

  /** Without a task there is nothing to fail: such a deployment completes, and cannot be given up later. */
  #withHope(wish: SpecifiedService): SpecifiedService {
    return wish.taskDefinition === this.#caller.definitions.hopeless
      ? { ...wish, desiredCount: Math.max(1, wish.desiredCount) }
      : wish
  }

  #count(): number {
    const { world, size } = this.#caller
    return world.random.integer(0, size.mostTasks)
  }
}
