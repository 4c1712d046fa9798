/** Callers who want this and that of the cluster, and remember what they were promised. */
import type {
  ListContainerInstancesResponse,
  RegisterTaskDefinitionResponse,
  RunTaskResponse,
  Task,
} from '@aws-sdk/client-ecs'
import type { Acknowledged, Breaker, ServiceWish } from '../checkers/acknowledged-writes.ts'
import type { TaskNeeds } from '../checkers/checker.ts'
import type { Outcome } from '../servers/sim-server.ts'
import type { World } from '../world.ts'
import type { Client } from './client.ts'
import { endingFamilies, hopelessFamily, STATIC_PORT, servingFamilies } from './families.ts'

export interface WorkloadSize {
  /** How many services there are. */
  readonly services: number
  /** The most tasks a service is asked to have. */
  readonly mostTasks: number
  /** Milliseconds between the calls of one caller. */
  readonly pauseMs: number
}

const cluster = 'default'

const configurationOf = ({ minimum, maximum, breaker }: Exclude<ServiceWish, string>) => ({
  minimumHealthyPercent: minimum,
  maximumPercent: maximum,
  deploymentCircuitBreaker: { enable: breaker !== 'off', rollback: breaker === 'rolls-back' },
})

export class Workload {
  readonly serviceNames: readonly string[]
  /** What a task of each definition takes, by the definition's ARN. */
  readonly needs = new Map<string, TaskNeeds>()
  readonly #world: World
  readonly #client: Client
  readonly #known: Acknowledged
  readonly #size: WorkloadSize
  readonly #serving: string[] = []
  readonly #ending: string[] = []
  #hopeless = ''
  #isOver = false
  #runs = 0
  #busy = 0

  constructor(world: World, client: Client, known: Acknowledged, size: WorkloadSize) {
    this.#world = world
    this.#client = client
    this.#known = known
    this.#size = size
    this.serviceNames = Array.from({ length: size.services }, (_, index) => `service-${index + 1}`)
  }

  get isIdle(): boolean {
    return this.#busy === 0
  }

  async start(): Promise<void> {
    await this.#certainly('CreateCluster', { clusterName: cluster })
    for (const family of servingFamilies) this.#serving.push(await this.#register(family))
    this.#hopeless = await this.#register(hopelessFamily)
    for (const family of endingFamilies) this.#ending.push(await this.#register(family))
    for (const name of this.serviceNames) this.#actor(() => this.#changeService(name))
    this.#actor(() => this.#changeTasks())
    this.#actor(() => this.#changeTasks())
    this.#actor(() => this.#changeInstances())
    this.#actor(() => this.#look())
  }

  /** From now on nobody asks for anything new. */
  finish(): void {
    this.#isOver = true
  }

  /** The operator takes every instance back into service. */
  async activateInstances(): Promise<void> {
    for (const arn of await this.#instances('DRAINING')) await this.#setInstance(arn, 'ACTIVE')
  }

  /** The operator scales services that need more hosts than there are. */
  async fitTo(hosts: number): Promise<void> {
    for (const name of this.serviceNames) {
      const wish = this.#wishOf(name)
      if (typeof wish === 'string' || this.needs.get(wish.taskDefinition)?.port === undefined) continue
      // A port that every host has once leaves no room to roll: what is replaced has to go first.
      await this.#update(name, { ...wish, desiredCount: Math.min(wish.desiredCount, Math.max(0, hosts - 1)) })
    }
  }

  #actor(act: () => Promise<void>): void {
    void this.#loop(act)
  }

  async #loop(act: () => Promise<void>): Promise<void> {
    const { random } = this.#world
    while (!this.#isOver) {
      await this.#world.sleep(random.integer(0, 2 * this.#size.pauseMs))
      if (this.#isOver) return
      this.#busy++
      await act()
      this.#busy--
    }
  }

  /** Until it is done: for what the rest of a run stands on. */
  async #certainly(name: string, input: object): Promise<unknown> {
    for (;;) {
      const outcome = await this.#client.call(name, input)
      if (outcome.kind === 'done') return outcome.output
      await this.#world.sleep(200)
    }
  }

  async #register(family: (typeof servingFamilies)[number]): Promise<string> {
    const { taskDefinition } = (await this.#certainly(
      'RegisterTaskDefinition',
      family,
    )) as RegisterTaskDefinitionResponse
    const arn = taskDefinition?.taskDefinitionArn ?? ''
    const containers = family.containerDefinitions ?? []
    this.needs.set(arn, {
      cpu: containers.reduce((sum, { cpu = 0 }) => sum + cpu, 0),
      memory: containers.reduce((sum, { memory = 0 }) => sum + memory, 0),
      port: family.family === 'edge' ? STATIC_PORT : undefined,
    })
    return arn
  }

  async #changeService(name: string): Promise<void> {
    const { random } = this.#world
    const wish = this.#wishOf(name)
    if (wish === 'absent' || wish === 'gone') {
      await this.#create(name, wish)
      return
    }
    if (random.chance(0.1)) {
      await this.#promised<ServiceWish>(this.#known.services, name, 'gone', wish, () =>
        this.#client.call('DeleteService', { cluster, service: name, force: true }),
      )
      return
    }
    const changed = random.chance(0.5)
      ? { ...wish, desiredCount: this.#count() }
      : { ...wish, taskDefinition: this.#definitionFor(wish.breaker) }
    await this.#update(name, this.#withHope(changed))
  }

  async #create(name: string, before: ServiceWish): Promise<void> {
    const { random } = this.#world
    const [minimum, maximum] = random.pick([
      [100, 200],
      [50, 100],
      [50, 150],
      [0, 100],
      [100, 150],
    ] as const)
    const breaker = random.pick(['off', 'off', 'gives-up', 'rolls-back'] as const)
    const taskDefinition = this.#definitionFor(breaker)
    const wish = this.#withHope({ desiredCount: this.#count(), taskDefinition, minimum, maximum, breaker })
    await this.#promised<ServiceWish>(this.#known.services, name, wish, before, () =>
      this.#client.call('CreateService', {
        cluster,
        serviceName: name,
        taskDefinition: wish.taskDefinition,
        desiredCount: wish.desiredCount,
        deploymentConfiguration: configurationOf(wish),
      }),
    )
  }

  async #update(name: string, wish: Exclude<ServiceWish, string>): Promise<void> {
    await this.#promised<ServiceWish>(this.#known.services, name, wish, this.#wishOf(name), () =>
      this.#client.call('UpdateService', {
        cluster,
        service: name,
        desiredCount: wish.desiredCount,
        taskDefinition: wish.taskDefinition,
        deploymentConfiguration: configurationOf(wish),
      }),
    )
  }

  #definitionFor(breaker: Breaker): string {
    return breaker !== 'off' && this.#world.random.chance(0.3) ? this.#hopeless : this.#servingDefinition()
  }

  /** Without a task there is nothing to fail: such a deployment completes, and cannot be given up later. */
  #withHope(wish: Exclude<ServiceWish, string>): Exclude<ServiceWish, string> {
    return wish.taskDefinition === this.#hopeless
      ? { ...wish, desiredCount: Math.max(1, wish.desiredCount) }
      : wish
  }

  /** Often the one that fixes a host port, of which there is one a host. */
  #servingDefinition(): string {
    const { random } = this.#world
    const fixed = this.#serving.find(arn => this.needs.get(arn)?.port !== undefined)
    return fixed !== undefined && random.chance(0.25) ? fixed : random.pick(this.#serving)
  }

  #count(): number {
    return this.#world.random.integer(0, this.#size.mostTasks)
  }

  #wishOf(name: string): ServiceWish {
    return this.#known.services.get(name)?.possible.at(-1) ?? 'absent'
  }

  async #promised<T extends ServiceWish | string>(
    expectations: Acknowledged['services'] | Acknowledged['instances'],
    key: string,
    next: T,
    before: T,
    call: () => Promise<Outcome>,
  ): Promise<void> {
    const map = expectations as Map<string, { possible: readonly T[]; isUnderway: boolean }>
    this.#known.begin(map, key, next, before)
    if (expectations === this.#known.services) this.#utter(key)
    const outcome = await call()
    this.#known.end(map, key, outcome.kind)
    if (expectations === this.#known.services) this.#utter(key)
  }

  #utter(key: string): void {
    const uttered = this.#known.wishes.get(key) ?? []
    uttered.push({ at: this.#world.now, wishes: this.#known.services.get(key)?.possible ?? [] })
    this.#known.wishes.set(key, uttered)
  }

  async #changeTasks(): Promise<void> {
    const { random } = this.#world
    const stoppable = [...this.#known.tasks.keys()].filter(arn => !this.#known.stops.has(arn))
    if (stoppable.length > 0 && random.chance(0.45)) {
      const arn = random.pick(stoppable)
      const outcome = await this.#client.call('StopTask', { cluster, task: arn })
      if (outcome.kind === 'done') this.#known.stops.add(arn)
    } else if (random.chance(0.2)) await this.#startTask()
    else await this.#runTask()
  }

  /** The same call with the same token, until somebody answers. */
  async #runTask(): Promise<void> {
    const { random } = this.#world
    const startedBy = `run-${++this.#runs}`
    const taskDefinition = random.pick(random.chance(0.5) ? this.#serving : this.#ending)
    const input = { cluster, taskDefinition, count: random.integer(1, 3), startedBy, clientToken: startedBy }
    this.#known.runs.set(startedBy, { most: input.count, answer: undefined })
    for (let tries = 0; tries < 5; tries++) {
      const outcome = await this.#client.call('RunTask', input)
      if (outcome.kind === 'unknown' || (outcome.kind === 'done' && random.chance(0.1))) continue
      if (outcome.kind === 'done') this.#promise(outcome.output as RunTaskResponse, taskDefinition, startedBy)
      return
    }
  }

  async #startTask(): Promise<void> {
    const instances = await this.#instances('ACTIVE')
    if (instances.length === 0) return
    const taskDefinition = this.#world.random.pick(this.#serving)
    const startedBy = `start-${++this.#runs}`
    const input = {
      cluster,
      taskDefinition,
      containerInstances: [this.#world.random.pick(instances)],
      startedBy,
    }
    const outcome = await this.#client.call('StartTask', input)
    if (outcome.kind === 'done') this.#promise(outcome.output as RunTaskResponse, taskDefinition, startedBy)
  }

  #promise({ tasks = [] }: { tasks?: Task[] | undefined }, taskDefinition: string, startedBy: string): void {
    const arns = tasks.map(({ taskArn = '' }) => taskArn)
    for (const arn of arns) this.#known.tasks.set(arn, { taskDefinition, startedBy })
    const run = this.#known.runs.get(startedBy)
    if (run !== undefined) this.#known.runs.set(startedBy, { ...run, answer: arns })
  }

  async #changeInstances(): Promise<void> {
    const { random } = this.#world
    await this.#world.sleep(random.integer(0, 10 * this.#size.pauseMs))
    const [active, draining] = [await this.#instances('ACTIVE'), await this.#instances('DRAINING')]
    if (draining.length > 0 && random.chance(0.6)) await this.#setInstance(random.pick(draining), 'ACTIVE')
    else if (active.length > 1 && random.chance(0.7)) await this.#setInstance(random.pick(active), 'DRAINING')
    else if (active.length > 1 && random.chance(0.5)) await this.#deregister(random.pick(active))
  }

  /** A call that writes nothing: only that shows whether a leader of yesterday answers. */
  async #look(): Promise<void> {
    await this.#client.call('ListServices', { cluster })
  }

  async #setInstance(arn: string, status: 'ACTIVE' | 'DRAINING'): Promise<void> {
    const before = status === 'ACTIVE' ? 'DRAINING' : 'ACTIVE'
    await this.#promised<string>(this.#known.instances, arn, status, before, () =>
      this.#client.call('UpdateContainerInstancesState', { cluster, containerInstances: [arn], status }),
    )
  }

  /** An INACTIVE instance is listed no more. */
  async #deregister(arn: string): Promise<void> {
    await this.#promised<string>(this.#known.instances, arn, 'INACTIVE', 'ACTIVE', () =>
      this.#client.call('DeregisterContainerInstance', { cluster, containerInstance: arn, force: true }),
    )
  }

  async #instances(status: string): Promise<readonly string[]> {
    const outcome = await this.#client.call('ListContainerInstances', { cluster, status })
    if (outcome.kind !== 'done') return []
    return (outcome.output as ListContainerInstancesResponse).containerInstanceArns ?? []
  }
}
