/** Somebody whose rolling updates are guarded by alarms, bake times and life-cycle hooks. */
import { alarmNames } from '../outside/alarms.ts'
import { serviceKey } from './acknowledged.ts'
import type { Caller } from './caller.ts'
import { hooksOfRollingUpdates, PauseAnswers } from './deployment-hooks.ts'
import { stopDeployment } from './deployment-stop.ts'

export const guardedService = 'guarded'

const percents = [
  [100, 200],
  [50, 200],
  [0, 100],
] as const

export class GuardedCaller {
  readonly #caller: Caller
  readonly #key: string
  readonly #answers: PauseAnswers
  #configuration: object | undefined
  #created = 0

  constructor(caller: Caller) {
    this.#caller = caller
    this.#key = serviceKey(caller.cluster, guardedService)
    this.#answers = new PauseAnswers(caller, guardedService)
  }

  async change(): Promise<void> {
    const { world, size } = this.#caller
    const { random } = world
    if (this.#configuration === undefined) {
      await this.#create()
      return
    }
    await world.sleep(random.integer(0, 20 * size.pauseMs))
    const deed = random.pick(['deploy', 'deploy', 'deploy', 'scale', 'stop', 'delete'] as const)
    if (deed === 'deploy') await this.#deploy()
    else if (deed === 'scale') await this.#scale()
    else if (deed === 'delete') {
      if (random.chance(0.3)) await this.#delete()
    } else if (size.stops) await stopDeployment(this.#caller, guardedService, ['ROLLBACK', 'ABORT'])
  }

  async answer(): Promise<void> {
    if (this.#configuration !== undefined) await this.#answers.answer()
  }

  async #create(): Promise<void> {
    const { client, cluster, definitions, known, size, world } = this.#caller
    const { random } = world
    const [minimumHealthyPercent, maximumPercent] = random.pick(percents)
    const deploymentConfiguration = {
      minimumHealthyPercent,
      maximumPercent,
      bakeTimeInMinutes: random.pick([0, 0, 1, 2]),
      alarms: {
        enable: random.chance(0.7),
        rollback: random.chance(0.6),
        alarmNames: [random.pick(alarmNames)],
      },
      deploymentCircuitBreaker: { enable: random.chance(0.3), rollback: true },
      lifecycleHooks: hooksOfRollingUpdates(random),
    }
    // Alarms, hooks, stops and failing tasks make its deployments fail.
    known.stoppedServices.add(this.#key)
    await client.certainly('CreateService', {
      cluster,
      serviceName: guardedService,
      taskDefinition: definitions.daemons[0],
      desiredCount: random.integer(1, size.mostTasks),
      deploymentConfiguration,
      clientToken: `${cluster}-guarded-${++this.#created}`,
    })
    this.#configuration = deploymentConfiguration
  }

  async #deploy(): Promise<void> {
    const { client, cluster, definitions, world } = this.#caller
    const { random } = world
    const lifecycleHooks = random.chance(0.3) ? { lifecycleHooks: hooksOfRollingUpdates(random) } : {}
    await client.call('UpdateService', {
      cluster,
      service: guardedService,
      taskDefinition: random.pick(definitions.standing),
      forceNewDeployment: true,
      deploymentConfiguration: { ...this.#configuration, ...lifecycleHooks },
    })
  }

  async #scale(): Promise<void> {
    const { client, cluster, size, world } = this.#caller
    const desiredCount = world.random.integer(1, size.mostTasks)
    await client.call('UpdateService', { cluster, service: guardedService, desiredCount })
  }

  async #delete(): Promise<void> {
    const { client, cluster, known } = this.#caller
    await client.certainly('DeleteService', { cluster, service: guardedService, force: true })
    known.paused.settle(this.#key, false)
    this.#configuration = undefined
  }
}
