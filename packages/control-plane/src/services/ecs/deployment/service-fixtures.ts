/** A store with a control loop over services, and hosts that do as they are told: for tests of services. */
import type { Identity, RequestContext } from '@berth/aws-api'
import type { TaskStateChange } from '@berth/model'
import { serviceArn, taskDefinitionArn } from '@berth/model'
import { createControlLoop } from '../../../control-loop/loop.ts'
import { ManualClock } from '../../../control-loop/manual-clock.ts'
import type { JournaledStore } from '../../../store/journaled-store.ts'
import type { Call } from '../../service.ts'
import { drainingTasksReconciler } from '../reconcilers/draining-tasks.ts'
import { servicePlacementReconciler } from '../reconcilers/service-placement.ts'
import { serviceReconciler } from '../reconcilers/services.ts'
import {
  type ContainerInstanceRow,
  containerInstances,
  type DeploymentRow,
  deployments,
  type ServiceRow,
  serviceEvents,
  services,
  type TaskDefinitionRow,
  type TaskRow,
  tasks,
} from '../tables/index.ts'
import { given, scope, start, storeWith } from '../task-fixtures.ts'
import { applyReport } from '../task-report.ts'
import { inProgress } from './rollout.ts'
import { defaultServiceSettings } from './service-plan.ts'

export const webArn = serviceArn(scope, 'default', 'web')

export const service = (change: Partial<ServiceRow> = {}): ServiceRow => ({
  id: webArn,
  clusterArn: given.cluster.id,
  name: 'web',
  status: 'ACTIVE',
  desiredCount: 3,
  taskDefinitionArn: taskDefinitionArn(scope, 'web', 1),
  launchType: 'EC2',
  schedulingStrategy: 'REPLICA',
  deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200 },
  placementConstraints: [],
  placementStrategy: [],
  availabilityZoneRebalancing: 'DISABLED',
  enableECSManagedTags: false,
  enableExecuteCommand: false,
  propagateTags: 'NONE',
  createdBy: 'arn:aws:iam::123456789012:root',
  createdAt: start,
  tags: [],
  primaryDeploymentId: 'ecs-svc/1',
  ...change,
})

export const deployment = (number: number, change: Partial<DeploymentRow> = {}): DeploymentRow => ({
  id: `ecs-svc/${number}`,
  serviceArn: webArn,
  status: 'PRIMARY',
  taskDefinitionArn: taskDefinitionArn(scope, 'web', 1),
  desiredCount: 3,
  launchType: 'EC2',
  failedLaunches: 0,
  failedTasks: 0,
  rolloutState: 'IN_PROGRESS',
  rolloutStateReason: inProgress(`ecs-svc/${number}`),
  createdAt: start,
  updatedAt: start,
  ...change,
})

export interface Scene {
  readonly service?: Partial<ServiceRow>
  readonly instances?: readonly ContainerInstanceRow[]
  readonly taskDefinitions?: readonly TaskDefinitionRow[]
}

const settleMs = 2_000

export class World {
  readonly store: JournaledStore
  readonly clock = new ManualClock(start)
  readonly faults: unknown[] = []
  readonly #loop: ReturnType<typeof createControlLoop>
  #random = 0
  /** Greatest number of tasks that were not STOPPED, and the smallest that were healthy, since the last `watch`. */
  extremes = { most: 0, fewestRunning: Number.POSITIVE_INFINITY }

  constructor(store: JournaledStore) {
    this.store = store
    this.#loop = createControlLoop({
      store,
      reconcilers: [
        serviceReconciler(defaultServiceSettings),
        servicePlacementReconciler,
        drainingTasksReconciler,
      ],
      clock: this.clock,
      randomHex: bytes => this.#hex(bytes),
      schedule: () => undefined,
      onFault: error => this.faults.push(error),
    })
    store.watch(() => this.#note())
    this.#loop.start()
  }

  /** Until nothing is left to do at this moment. */
  run(): void {
    this.#loop.runUntilIdle()
    if (this.faults.length > 0) throw this.faults[0]
  }

  /** The hosts do what they were told, one step a task. */
  obey(take: (task: TaskRow) => boolean = () => true): void {
    for (const task of this.tasks().filter(take)) {
      if (task.desiredStatus === 'STOPPED') this.report(task, { status: 'STOPPED' })
      else if (task.lastStatus === 'PENDING') this.report(task, { status: 'RUNNING' })
    }
    this.run()
  }

  /** Reconciler and hosts take turns, time passing, until both have nothing left to do. */
  settle(rounds = 30): void {
    this.run()
    for (let round = 0; round < rounds; round++) {
      this.obey()
      this.clock.advance(settleMs)
      this.run()
    }
  }

  report(task: TaskRow, change: Partial<TaskStateChange>): void {
    const after = applyReport(task, { taskArn: task.id, containers: [], ...change }, this.clock.now())
    if (after) this.store.update(tx => tx.put(tasks, after))
  }

  /** What an operation's handler gets besides its input. */
  call(): Call {
    const identity: Identity = {
      accountId: scope.accountId,
      arn: `arn:aws:iam::${scope.accountId}:root`,
      userId: scope.accountId,
      accessKeyId: 'AKIA',
      isRoot: true,
    }
    const request: RequestContext = {
      requestId: 'request',
      identity,
      region: scope.region,
      service: 'ecs',
      operation: '',
      protocol: 'json-1.1',
      sourceAddress: '127.0.0.1',
      userAgent: 'test',
      headers: {},
    }
    const { store } = this
    return { scope, identity, request, now: this.clock.now(), store, randomHex: bytes => this.#hex(bytes) }
  }

  /** The hosts fail to start these tasks. */
  fail(taken: readonly TaskRow[]): void {
    for (const task of taken)
      this.report(task, {
        status: 'STOPPED',
        stopCode: 'TaskFailedToStart',
        reason: 'CannotPullContainerError',
      })
    this.run()
  }

  putRows(rows: { tasks?: readonly TaskRow[]; deployments?: readonly DeploymentRow[] }): void {
    this.store.update(tx => {
      for (const row of rows.tasks ?? []) tx.put(tasks, row)
      for (const row of rows.deployments ?? []) tx.put(deployments, row)
    })
  }

  pass(millis: number): void {
    this.clock.advance(millis)
    this.run()
  }

  watch(): void {
    this.extremes = { most: 0, fewestRunning: Number.POSITIVE_INFINITY }
  }

  /** All that are not STOPPED. */
  tasks(): TaskRow[] {
    return [...this.store.all(tasks)].filter(task => task.lastStatus !== 'STOPPED')
  }

  service(): ServiceRow | undefined {
    return this.store.get(services, webArn)
  }

  deployments(): DeploymentRow[] {
    return [...this.store.where(deployments, 'byService', webArn)]
  }

  change(change: Partial<ServiceRow>): void {
    const row = this.service()
    if (!row) throw new Error('There is no service')
    this.store.update(tx => tx.put(services, { ...row, ...change }))
    this.run()
  }

  /** What UpdateService does for a new task definition. */
  deploy(number: number, change: Partial<DeploymentRow> = {}): void {
    const row = this.service()
    if (!row) throw new Error('There is no service')
    this.store.update(tx => {
      for (const old of this.deployments()) tx.put(deployments, { ...old, status: 'ACTIVE' })
      const now = this.clock.now()
      tx.put(deployments, deployment(number, { createdAt: now, updatedAt: now, ...change }))
      tx.put(services, { ...row, primaryDeploymentId: `ecs-svc/${number}` })
    })
    this.run()
  }

  join(instance: ContainerInstanceRow): void {
    this.store.update(tx => tx.put(containerInstances, instance))
    this.run()
  }

  /** Oldest first, without the beginning `(service web) `, the ids of tasks left out. */
  async events(): Promise<string[]> {
    const { records } = await this.store.history.read(serviceEvents, webArn, { oldestFirst: true })
    return records.map(({ message }) =>
      message.replace('(service web) ', '').replaceAll(/\(task [0-9a-f]+\)/g, '(task)'),
    )
  }

  #note(): void {
    const all = this.tasks()
    const running = all.filter(
      task => task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING',
    ).length
    this.extremes = {
      most: Math.max(this.extremes.most, all.length),
      fewestRunning: Math.min(this.extremes.fewestRunning, running),
    }
  }

  #hex(bytes: number): string {
    let hex = ''
    while (hex.length < bytes * 2) {
      this.#random += 1
      hex += this.#random.toString(16).padStart(16, '0')
    }
    return hex.slice(0, bytes * 2)
  }
}

/** No service yet: one big instance, unless the scene says otherwise. */
export const emptyWorld = async (scene: Omit<Scene, 'service'> = {}): Promise<World> =>
  new World(await sceneStore(scene))

const sceneStore = ({ instances, taskDefinitions }: Scene): Promise<JournaledStore> =>
  storeWith({
    instances: instances ?? [
      given.instance(1, { registered: { cpu: 65_536, memoryMiB: 262_144, ports: [], gpuIds: [] } }),
    ],
    taskDefinitions: taskDefinitions ?? [given.taskDefinition()],
  })

/** One service `web` of three tasks on one big instance, unless the scene says otherwise. */
export const worldOf = async (scene: Scene = {}): Promise<World> => {
  const store = await sceneStore(scene)
  const row = service(scene.service)
  store.update(tx => {
    tx.put(services, row)
    tx.put(deployments, deployment(1, { desiredCount: row.desiredCount }))
  })
  return new World(store)
}
