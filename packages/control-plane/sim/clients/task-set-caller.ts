/** Another controller: it creates, scales and deletes the task sets of a service of its own. */
import type { CreateTaskSetResponse } from '@aws-sdk/client-ecs'
import type { Caller } from './caller.ts'

export const externalService = 'external'

export class TaskSetCaller {
  readonly #caller: Caller
  readonly #sets: string[] = []
  #isThere = false
  #tokens = 0

  constructor(caller: Caller) {
    this.#caller = caller
  }

  async change(): Promise<void> {
    const { client, cluster, size, world } = this.#caller
    const { random } = world
    const desiredCount = random.integer(0, size.mostTasks)
    if (!this.#isThere) {
      await client.certainly('CreateService', {
        cluster,
        serviceName: externalService,
        deploymentController: { type: 'EXTERNAL' },
        desiredCount,
        clientToken: `${cluster}-external`,
      })
      this.#isThere = true
      return
    }
    await world.sleep(random.integer(0, 5 * size.pauseMs))
    const service = externalService
    const deed = random.pick(['scale', 'scale', 'primary', 'delete', 'count'] as const)
    const taskSet = this.#sets.length > 0 ? random.pick(this.#sets) : undefined
    if (taskSet === undefined || (this.#sets.length < 3 && random.chance(0.3))) await this.#create()
    else if (deed === 'scale')
      await client.call('UpdateTaskSet', { cluster, service, taskSet, scale: this.#scale() })
    else if (deed === 'primary')
      await client.call('UpdateServicePrimaryTaskSet', { cluster, service, primaryTaskSet: taskSet })
    else if (deed === 'count') await client.call('UpdateService', { cluster, service, desiredCount })
    else await this.#delete(taskSet)
  }

  async #create(): Promise<void> {
    const { client, cluster, definitions, world } = this.#caller
    const output = (await client.certainly('CreateTaskSet', {
      cluster,
      service: externalService,
      taskDefinition: world.random.pick(definitions.standing),
      scale: this.#scale(),
      clientToken: `${cluster}-set-${++this.#tokens}`,
    })) as CreateTaskSetResponse
    if (output.taskSet?.id !== undefined) this.#sets.push(output.taskSet.id)
  }

  async #delete(taskSet: string): Promise<void> {
    const { client, cluster } = this.#caller
    const input = { cluster, service: externalService, taskSet, force: true }
    const { kind } = await client.call('DeleteTaskSet', input)
    if (kind !== 'unknown') this.#sets.splice(this.#sets.indexOf(taskSet), 1)
  }

  #scale() {
    return { value: this.#caller.world.random.pick([0, 33, 50, 75, 100]), unit: 'PERCENT' as const }
  }
}
