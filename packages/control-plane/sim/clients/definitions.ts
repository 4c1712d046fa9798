import type { RegisterTaskDefinitionResponse } from '@aws-sdk/client-ecs'
import type { TaskNeeds } from '../checkers/checker.ts'
import type { World } from '../world.ts'
import type { Client } from './client.ts'
import {
  brittleFamily,
  brittleFrontFamily,
  daemonFamilies,
  endingFamilies,
  frontFamilies,
  hopelessFamily,
  networkedFamily,
  networkedFrontFamily,
  STATIC_PORT,
  servingFamilies,
  statefulFamily,
} from './families.ts'
import type { WorkloadSize } from './workload.ts'

type Family = (typeof servingFamilies)[number]

/** The task definitions that all callers use, registered once. */
export class Definitions {
  /** What a task of each definition takes, by the definition's ARN. */
  readonly needs = new Map<string, TaskNeeds>()
  readonly #world: World
  readonly #serving: string[] = []
  readonly #ending: string[] = []
  readonly daemons: string[] = []
  readonly standing: string[] = []
  hopeless = ''
  /** With a network interface of its own. */
  networked = ''
  /** For services with load balancers. */
  readonly fronts: string[] = []
  readonly standingFronts: string[] = []
  networkedFront = ''
  /** With an EBS volume. */
  stateful = ''

  constructor(world: World) {
    this.#world = world
  }

  async register(
    client: Client,
    { networks, volumes, balancers }: Pick<WorkloadSize, 'networks' | 'volumes' | 'balancers'>,
  ): Promise<void> {
    for (const family of servingFamilies) this.#serving.push(await this.#registerOne(client, family))
    this.hopeless = await this.#registerOne(client, hopelessFamily)
    for (const family of daemonFamilies) this.daemons.push(await this.#registerOne(client, family))
    this.standing.push(...this.daemons, await this.#registerOne(client, brittleFamily))
    for (const family of endingFamilies) this.#ending.push(await this.#registerOne(client, family))
    if (networks) this.networked = await this.#registerOne(client, networkedFamily)
    if (balancers) await this.#registerFronts(client)
    if (volumes) this.stateful = await this.#registerOne(client, statefulFamily)
  }

  async #registerFronts(client: Client): Promise<void> {
    for (const family of frontFamilies) this.fronts.push(await this.#registerOne(client, family))
    this.standingFronts.push(...this.fronts, await this.#registerOne(client, brittleFrontFamily))
    this.networkedFront = await this.#registerOne(client, networkedFrontFamily)
  }

  /** One that goes on until it is stopped; often the one that fixes a host port, of which there is one a host. */
  serving(): string {
    const { random } = this.#world
    const fixed = this.#serving.find(arn => this.needs.get(arn)?.port !== undefined)
    return fixed !== undefined && random.chance(0.25) ? fixed : random.pick(this.#serving)
  }

  any(): string {
    const { random } = this.#world
    return random.pick(random.chance(0.5) ? this.#serving : this.#ending)
  }

  async #registerOne(client: Client, family: Family): Promise<string> {
    const { taskDefinition } = (await client.certainly(
      'RegisterTaskDefinition',
      family,
    )) as RegisterTaskDefinitionResponse
    const arn = taskDefinition?.taskDefinitionArn ?? ''
    const containers = family.containerDefinitions ?? []
    this.needs.set(arn, {
      cpu: containers.reduce((sum, { cpu = 0 }) => sum + cpu, 0),
      memory: containers.reduce((sum, { memory = 0 }) => sum + memory, 0),
      port: family.family === 'edge' ? STATIC_PORT : undefined,
      hasInterface: family.networkMode === 'awsvpc',
      isChecked: containers.some(({ healthCheck }) => healthCheck !== undefined),
    })
    return arn
  }
}
