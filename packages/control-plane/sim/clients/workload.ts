/** Callers who want this and that of the clusters, and remember what they were promised. */
import type { World } from '../world.ts'
import type { Acknowledged } from './acknowledged.ts'
import { BalancedCaller, balancedServices } from './balanced-caller.ts'
import type { Caller } from './caller.ts'
import type { Client } from './client.ts'
import { DaemonCaller, daemonService } from './daemon-caller.ts'
import { Definitions } from './definitions.ts'
import { GuardedCaller, guardedService } from './guarded-caller.ts'
import { InstanceCaller } from './instance-caller.ts'
import { PauseCaller } from './pause-caller.ts'
import { ServiceCaller } from './service-caller.ts'
import { StrategyCaller, strategyService } from './strategy-caller.ts'
import { TaskCaller } from './task-caller.ts'
import { externalService, TaskSetCaller } from './task-set-caller.ts'
import { VolumeCaller } from './volume-caller.ts'

export interface WorkloadSize {
  /** How many services each cluster has. */
  readonly services: number
  /** The most tasks a service is asked to have. */
  readonly mostTasks: number
  /** Milliseconds between the calls of one caller. */
  readonly pauseMs: number
  /** True when somebody protects tasks of services. */
  readonly protects: boolean
  /** True when each cluster has a DAEMON service. */
  readonly daemons: boolean
  /** True when each cluster has a service with a deployment strategy. */
  readonly strategies: boolean
  /** True when each cluster has a service whose rolling updates are guarded by alarms, bake times and hooks. */
  readonly guards: boolean
  /** True when each cluster has a service that another controller deploys. */
  readonly taskSets: boolean
  /** True when services have load balancers, which hosts carry. */
  readonly balancers: boolean
  /** True when tasks have EBS volumes. */
  readonly volumes: boolean
  /** True when services are paused. */
  readonly pauses: boolean
  /** True when tasks of the network mode awsvpc are run. */
  readonly networks: boolean
  /** True when callers stop service deployments. */
  readonly stops: boolean
}

interface Department {
  readonly cluster: string
  readonly services: ServiceCaller
  readonly tasks: TaskCaller
  readonly instances: InstanceCaller
  readonly daemon: DaemonCaller
  readonly strategy: StrategyCaller
  readonly guarded: GuardedCaller
  readonly taskSets: TaskSetCaller
  readonly pauses: PauseCaller
  readonly volumes: VolumeCaller
  readonly balanced: BalancedCaller
}

export class Workload {
  readonly definitions: Definitions
  readonly #world: World
  readonly #client: Client
  readonly #size: WorkloadSize
  readonly #departments: readonly Department[]
  #isOver = false
  #busy = 0

  constructor(
    world: World,
    client: Client,
    known: Acknowledged,
    size: WorkloadSize,
    clusters: readonly string[],
  ) {
    this.#world = world
    this.#client = client
    this.#size = size
    this.definitions = new Definitions(world)
    const { definitions } = this
    this.#departments = clusters.map(cluster => {
      const caller: Caller = { world, client, known, size, definitions, cluster }
      const services = new ServiceCaller(caller)
      const balanced = new BalancedCaller(caller)
      return {
        cluster,
        services,
        tasks: new TaskCaller(caller),
        instances: new InstanceCaller(caller),
        daemon: new DaemonCaller(caller),
        strategy: new StrategyCaller(caller, balanced),
        balanced,
        guarded: new GuardedCaller(caller),
        taskSets: new TaskSetCaller(caller),
        volumes: new VolumeCaller(caller),
        pauses: new PauseCaller(caller, [...services.names, ...this.#particularServices]),
      }
    })
  }

  get isIdle(): boolean {
    return this.#busy === 0
  }

  /** The same names in each cluster. */
  get serviceNames(): readonly string[] {
    return [...(this.#departments[0]?.services.names ?? []), ...this.#particularServices]
  }

  /** Those of one kind each, where there are such. */
  get #particularServices(): readonly string[] {
    const { daemons, strategies, guards, taskSets, balancers } = this.#size
    return [
      ...(daemons ? [daemonService] : []),
      ...(strategies ? [strategyService] : []),
      ...(guards ? [guardedService] : []),
      ...(taskSets ? [externalService] : []),
      ...(balancers ? balancedServices : []),
    ]
  }

  async start(): Promise<void> {
    this.#busy++
    for (const { cluster } of this.#departments)
      await this.#client.certainly('CreateCluster', { clusterName: cluster })
    await this.definitions.register(this.#client, this.#size)
    if (this.#size.balancers) for (const { balanced } of this.#departments) await balanced.prepare()
    for (const department of this.#departments) this.#startIn(department)
    this.#busy--
  }

  #startIn({ cluster, services, tasks, instances, ...particular }: Department): void {
    const is = this.#size
    const { random } = this.#world
    for (const name of services.names) this.#actor(() => services.change(name))
    this.#actor(() => tasks.change())
    this.#actor(() => tasks.change())
    this.#actor(() => instances.change())
    if (is.daemons) this.#actor(() => particular.daemon.change())
    for (const caller of [is.strategies && particular.strategy, is.guards && particular.guarded]) {
      if (caller === false) continue
      this.#actor(() => caller.change())
      this.#actor(() => caller.answer())
    }
    if (is.taskSets) this.#actor(() => particular.taskSets.change())
    if (is.balancers) this.#actor(() => particular.balanced.change())
    if (is.volumes) this.#actor(() => particular.volumes.change())
    if (is.pauses) this.#actor(() => particular.pauses.change())
    if (is.protects) this.#actor(() => tasks.protect(random.pick(services.names)))
    // A call that writes nothing: only that shows whether a leader of yesterday answers.
    this.#actor(async () => void (await this.#client.call('ListServices', { cluster })))
  }

  /** From now on nobody asks for anything new. */
  finish(): void {
    this.#isOver = true
  }

  /** The operator takes every instance back into service, and makes services as small as the hosts that are left. */
  async operate(hostsOf: (cluster: string) => number): Promise<void> {
    for (const { cluster, services, instances, pauses } of this.#departments) {
      await instances.activateAll()
      if (this.#size.pauses) await pauses.resumeAll()
      await services.fitTo(hostsOf(cluster))
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
}
