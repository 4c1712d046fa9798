/** Asks the API for service deployments that are past. */
import type {
  DescribeServiceDeploymentsResponse,
  DescribeServicesResponse,
  ListServiceDeploymentsResponse,
} from '@aws-sdk/client-ecs'
import { root, type SimServer } from '../servers/sim-server.ts'
import type { World } from '../world.ts'
import type { DeploymentHistory } from './deployment-history.ts'

const MOST_ARNS = 20
const PAGE = 3

export class Historian {
  readonly #world: World
  readonly #servers: readonly SimServer[]
  readonly #history: DeploymentHistory

  constructor(world: World, servers: readonly SimServer[], history: DeploymentHistory) {
    this.#world = world
    this.#servers = servers
    this.#history = history
  }

  async run(): Promise<void> {
    const { random } = this.#world
    for (;;) {
      await this.#world.sleep(random.integer(1_000, 8_000))
      const services = [...this.#history.shown.keys()]
      if (services.length === 0) continue
      const serviceArn = random.pick(services)
      const wrong = await this.#recall(serviceArn)
      if (wrong !== undefined) this.#world.fail(this.#history.name, wrong)
    }
  }

  async #recall(serviceArn: string): Promise<string | undefined> {
    const shown = [...(this.#history.shown.get(serviceArn)?.values() ?? [])].slice(-MOST_ARNS)
    const since = await this.#createdAt(serviceArn)
    const arns = since && (await this.#list(serviceArn))
    const isSame = since?.getTime() === (await this.#createdAt(serviceArn))?.getTime()
    const described = await this.#ask<DescribeServiceDeploymentsResponse>('DescribeServiceDeployments', {
      serviceDeploymentArns: shown.map(({ serviceDeploymentArn = '' }) => serviceDeploymentArn),
    })
    if (described === undefined) return undefined
    const listed = since && arns && isSame ? { since, arns } : undefined
    return this.#history.recalled({ shown, described: described.serviceDeployments ?? [], listed })
  }

  /** When the service was created for which the name stands now. */
  async #createdAt(service: string): Promise<Date | undefined> {
    const input = { cluster: service.split('/')[1], services: [service] }
    const described = await this.#ask<DescribeServicesResponse>('DescribeServices', input)
    return described?.services?.[0]?.createdAt
  }

  /** All of its pages; undefined where one was not to be had. */
  async #list(service: string): Promise<readonly string[] | undefined> {
    const cluster = service.split('/')[1]
    const all: string[] = []
    let nextToken: string | undefined
    do {
      const input = { cluster, service, maxResults: PAGE, ...(nextToken && { nextToken }) }
      const page = await this.#ask<ListServiceDeploymentsResponse>('ListServiceDeployments', input)
      if (page === undefined) return undefined
      all.push(...(page.serviceDeployments ?? []).map(one => one.serviceDeploymentArn ?? ''))
      nextToken = page.nextToken
    } while (nextToken !== undefined)
    return all
  }

  async #ask<Output>(name: string, input: object): Promise<Output | undefined> {
    const server = this.#world.random.pick(this.#servers)
    const outcome = await Promise.race([server.handle(name, input, root), server.process.ended])
    return outcome?.kind === 'done' ? (outcome.output as Output) : undefined
  }
}
