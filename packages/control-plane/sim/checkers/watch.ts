/** All checkers of a run together, and the reader that shows them what the API says. */
import type { DescribeVolumesResult } from '@aws-sdk/client-ec2'
import type {
  ContainerInstance,
  DescribeContainerInstancesResponse,
  DescribeServiceDeploymentsResponse,
  DescribeServicesResponse,
  DescribeTasksResponse,
  ListContainerInstancesResponse,
  ListServiceDeploymentsResponse,
  ListTasksResponse,
  Service,
  ServiceDeployment,
  Task,
} from '@aws-sdk/client-ecs'
import { effects } from '../../src/control-loop/effects-table.ts'
import { interfacesIn } from '../servers/given-network.ts'
import type { Leading, SimServer } from '../servers/sim-server.ts'
import type { World } from '../world.ts'
import { readBalancing } from './balancing-seen.ts'
import type { Checker, Observation } from './checker.ts'

const PAGE = 100

export class Watch {
  readonly checkers: readonly Checker[]
  readonly #world: World
  readonly #servers: readonly SimServer[]
  readonly #clusters: readonly string[]
  readonly #serviceNames: () => readonly string[]
  /** ARNs seen STOPPED: read again only now and then. */
  readonly #final = new Map<string, Task>()
  readonly #hasBalancers: boolean
  #epoch = 0
  #observations = 0
  /** The newest observation that is durable. */
  latest: Observation | undefined

  constructor(
    world: World,
    servers: readonly SimServer[],
    clusters: readonly string[],
    serviceNames: () => readonly string[],
    checkers: readonly Checker[],
    hasBalancers: boolean,
  ) {
    this.#hasBalancers = hasBalancers
    this.#world = world
    this.#servers = servers
    this.#clusters = clusters
    this.#serviceNames = serviceNames
    this.checkers = checkers
  }

  /** Holds an answer of one checker: a text is a violation. */
  tell(checker: Checker, wrong: string | undefined): void {
    if (wrong !== undefined) this.#world.fail(checker.name, wrong)
  }

  each(ask: (checker: Checker) => string | undefined): void {
    for (const checker of this.checkers) this.tell(checker, ask(checker))
  }

  /** Observes again and again; never two at a time. */
  async run(pauseMs: () => number): Promise<void> {
    for (;;) {
      await this.#world.sleep(pauseMs())
      const server = this.#world.random.pick(this.#servers)
      if (server.leading !== undefined && server.process.pausedFor === 0)
        await Promise.race([this.#observe(server, server.leading), server.process.ended])
    }
  }

  async #observe(server: SimServer, leading: Leading): Promise<void> {
    const observation = await this.#read(leading)
    if (observation === undefined) return
    const { process } = server
    const wrong = this.checkers.map(checker => checker.judge?.(observation))
    try {
      await leading.store.durable()
    } catch {
      // The journal has failed: what was read may be undone, and says nothing.
      return
    }
    if (!process.alive) return
    for (const [index, checker] of this.checkers.entries()) this.tell(checker, wrong[index])
    this.each(checker => checker.learn?.(observation))
    for (const [arn, task] of observation.tasks) if (task.lastStatus === 'STOPPED') this.#final.set(arn, task)
    this.latest = observation
  }

  /** One consistent reading: everything is read in one turn. */
  async #read(leading: Leading): Promise<Observation | undefined> {
    this.#observations++
    const serverNow = leading.now()
    const isComplete = leading.epoch !== this.#epoch || this.#observations % 6 === 0
    const tasks = new Map<string, Task>()
    const instances: ContainerInstance[] = []
    const services: Promise<readonly Service[]>[] = []
    for (const cluster of this.#clusters) {
      const found = readTasks(leading, cluster, isComplete ? new Map() : this.#final)
      if (found === undefined) return undefined
      for (const [arn, task] of found) tasks.set(arn, task)
      instances.push(...readInstances(leading, cluster))
      services.push(readServices(leading, cluster, this.#serviceNames()))
    }
    this.#epoch = leading.epoch
    const { Volumes: volumes = [] } = leading.read('DescribeVolumes', {}) as DescribeVolumesResult
    const found = (await Promise.all(services)).flat()
    const serviceDeployments = await readServiceDeployments(leading, found)
    return {
      at: this.#world.now,
      serverNow,
      trueTime: time => this.#world.clusterTime.trueTime(time),
      epoch: leading.epoch,
      leadingSince: leading.since,
      tasks,
      isComplete: true,
      instances,
      services: found,
      serviceDeployments,
      interfaces: interfacesIn(leading.store),
      volumes,
      balancing: this.#hasBalancers ? readBalancing(leading) : undefined,
      effects: [...leading.store.all(effects)].length,
    }
  }
}

/** Undefined while there is no cluster. */
const readTasks = (
  leading: Leading,
  cluster: string,
  final: ReadonlyMap<string, Task>,
): Map<string, Task> | undefined => {
  try {
    const arns = ['RUNNING', 'STOPPED'].flatMap(desiredStatus => listTasks(leading, cluster, desiredStatus))
    const unread = arns.filter(arn => !final.has(arn))
    const tasks = new Map<string, Task>()
    for (const arn of arns) {
      const known = final.get(arn)
      if (known !== undefined) tasks.set(arn, known)
    }
    for (let from = 0; from < unread.length; from += PAGE) {
      const input = { cluster, tasks: unread.slice(from, from + PAGE) }
      const { tasks: found = [] } = leading.read('DescribeTasks', input) as DescribeTasksResponse
      for (const task of found) tasks.set(task.taskArn ?? '', task)
    }
    return tasks
  } catch (error) {
    if (error instanceof Error && /[Cc]luster/.test(error.message)) return undefined
    throw error
  }
}

const listTasks = (leading: Leading, cluster: string, desiredStatus: string): readonly string[] => {
  const arns: string[] = []
  let nextToken: string | undefined
  do {
    const input = {
      cluster,
      desiredStatus,
      maxResults: PAGE,
      ...(nextToken === undefined ? {} : { nextToken }),
    }
    const page = leading.read('ListTasks', input) as ListTasksResponse
    arns.push(...(page.taskArns ?? []))
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  return arns
}

const readInstances = (leading: Leading, cluster: string): readonly ContainerInstance[] => {
  const found: ContainerInstance[] = []
  for (const status of ['ACTIVE', 'DRAINING']) {
    const { containerInstanceArns: arns = [] } = leading.read('ListContainerInstances', {
      cluster,
      status,
      maxResults: PAGE,
    }) as ListContainerInstancesResponse
    if (arns.length === 0) continue
    const input = { cluster, containerInstances: arns }
    const described = leading.read('DescribeContainerInstances', input) as DescribeContainerInstancesResponse
    found.push(...(described.containerInstances ?? []))
  }
  return found
}

const readServices = async (
  leading: Leading,
  cluster: string,
  names: readonly string[],
): Promise<readonly Service[]> => {
  if (names.length === 0) return []
  const input = { cluster, services: names }
  const response = (await leading.read('DescribeServices', input)) as DescribeServicesResponse
  return response.services ?? []
}

/** The newest of each service. Nothing is waited for but what goes on at once. */
const readServiceDeployments = async (
  leading: Leading,
  services: readonly Service[],
): Promise<readonly ServiceDeployment[]> => {
  const described = services.map(async ({ clusterArn, serviceName }) => {
    const input = { cluster: clusterArn, service: serviceName }
    const listed = (await leading.read('ListServiceDeployments', input)) as ListServiceDeploymentsResponse
    const arn = listed.serviceDeployments?.[0]?.serviceDeploymentArn
    if (arn === undefined) return []
    const shown = await leading.read('DescribeServiceDeployments', { serviceDeploymentArns: [arn] })
    return (shown as DescribeServiceDeploymentsResponse).serviceDeployments ?? []
  })
  return (await Promise.all(described)).flat()
}
