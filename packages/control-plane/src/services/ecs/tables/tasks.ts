import type { Attachment, Attribute, Tag, TaskOverride, TaskStopCode } from '@aws-sdk/client-ecs'
import type {
  ContainerStateChange,
  ContainerStatus,
  DesiredStatus,
  HealthStatus,
  ManagedAgentStatus,
  TaskStatus,
} from '@berth/model'
import { JoinedKeys } from '../../../store/joined-keys.ts'
import { type Aggregate, defineHistory, defineTable, type Millis } from '../../../store/table.ts'
import type { Resources } from './container-instances.ts'
import type { FargatePlatform, TaskLaunchType } from './fargate-platform.ts'
import type { TaskInterface } from './task-interface.ts'
import type { TaskVolume } from './task-volume.ts'

/** A container of a task: only what its task definition does not say. In the order of the definition. */
export interface ContainerState {
  readonly name: string
  /** The container's id in its ARN. */
  readonly id: string
  readonly lastStatus: ContainerStatus
  /** Only set on a container whose end does not end the task. */
  readonly essential?: false | undefined
  readonly runtimeId?: string | undefined
  readonly imageDigest?: string | undefined
  readonly exitCode?: number | undefined
  readonly reason?: string | undefined
  /** Only set on a container that has a health check. */
  readonly healthStatus?: HealthStatus | undefined
  readonly networkBindings?: ContainerStateChange['networkBindings'] | undefined
  /** The managed agent ExecuteCommandAgent, once its host has told of it. */
  readonly executeCommandAgent?:
    | { readonly lastStatus: ManagedAgentStatus; readonly lastStartedAt?: Millis; readonly reason?: string }
    | undefined
}

/**
 * One writer per field: operations and reconcilers write `desiredStatus` and what a task is made of; agents' reports
 * write `lastStatus`, the containers, health and the times of the host. STOPPED is written without a report only for a
 * task whose host is lost (by the reconciler of lost instances) or deregistered by force (by
 * DeregisterContainerInstance), whose agent never acknowledged it (by the agent's session), or that has no instance (by
 * whoever stops it).
 */
export interface TaskRow {
  /** The task's ARN. */
  readonly id: string
  readonly clusterArn: string
  readonly taskDefinitionArn: string
  readonly family: string
  /** `family:NAME`, `service:NAME` or what RunTask said. */
  readonly group: string
  readonly startedBy?: string | undefined
  /** Set for a task of a service. */
  readonly serviceArn?: string | undefined
  readonly deploymentId?: string | undefined
  /** Written with the task: it is of a DAEMON service, one on each instance. */
  readonly isDaemon?: true | undefined
  /** The row of the clientToken that RunTask carried. */
  readonly clientTokenId?: string | undefined
  readonly containerInstanceArn?: string | undefined
  readonly availabilityZone?: string | undefined
  readonly launchType: TaskLaunchType
  /** Of launch type FARGATE. */
  readonly platform?: FargatePlatform | undefined
  readonly desiredStatus: DesiredStatus
  readonly lastStatus: TaskStatus
  /** Grows with each change that a client can see. */
  readonly version: number
  readonly containers: readonly ContainerState[]
  /** What the task takes of its instance until it is STOPPED. */
  readonly reserved: Resources
  /** As DescribeTasks shows them: text. */
  readonly cpu: string
  readonly memory: string
  readonly overrides: TaskOverride
  readonly attachments?: readonly Attachment[] | undefined
  /** Shown among the attachments, as the next one is. */
  readonly volume?: TaskVolume | undefined
  /** Of a task of the network mode awsvpc, and of no other. */
  readonly networkInterface?: TaskInterface | undefined
  readonly attributes?: readonly Attribute[] | undefined
  readonly tags: readonly Tag[]
  readonly enableExecuteCommand: boolean
  readonly healthStatus: HealthStatus
  readonly connectivity?: 'CONNECTED' | 'DISCONNECTED' | undefined
  readonly connectivityAt?: Millis | undefined
  readonly createdAt: Millis
  readonly pullStartedAt?: Millis | undefined
  readonly pullStoppedAt?: Millis | undefined
  readonly startedAt?: Millis | undefined
  readonly stoppingAt?: Millis | undefined
  readonly executionStoppedAt?: Millis | undefined
  readonly stoppedAt?: Millis | undefined
  readonly stopCode?: TaskStopCode | undefined
  readonly stoppedReason?: string | undefined
  /** Written by a report: every image is on the host, and a container without an imageDigest has one of no registry. */
  readonly imagesResolved?: true | undefined
  /**
   * Written with STOPPED for tasks of a lost host, removed by its report: what they hold there is not free while they may
   * still run.
   */
  readonly stopUnconfirmed?: true | undefined
  /** Written by the draining reconciler, for tasks of services: the service has to replace the task. */
  readonly onDrainingInstance?: true | undefined
  /**
   * What load balancers find of a task to which they direct traffic; absent where none does. Written with the task, then by
   * the reconciler of tasks' targets.
   */
  readonly targetHealth?: TaskTargetHealth | undefined
  /** Written by UpdateTaskProtection, for tasks of services: until then neither scale-in nor a deployment stops it. */
  readonly protectedUntil?: Millis | undefined
  /** Written by the service reconciler: the deployment has counted that the task never reached RUNNING. */
  readonly launchFailureCounted?: true | undefined
}

/** Of all target groups together: `initial` until it is registered with each, and each has found it healthy. */
export type TaskTargetHealth =
  | { readonly state: 'initial' | 'healthy' }
  | {
      readonly state: 'unhealthy'
      readonly targetGroupArn: string
      readonly port: number
      /** What the health check of that group found. */
      readonly reason: string
    }

const keys = new JoinedKeys()

/** What the tasks of one instance take of it together. */
export interface Usage {
  cpu: number
  memoryMiB: number
  tasks: number
  pending: number
  running: number
  /** How many tasks hold a port; more than one only for a moment, while a plan replaces a task. */
  ports: Map<string, number>
  gpuIds: Map<string, number>
  /** Network interfaces of tasks. */
  enis: number
}

/** How many tasks of a service or deployment are where in their lives. */
export interface TaskCounts {
  /** Wanted running, and not yet RUNNING. */
  pending: number
  /** Wanted running, and RUNNING. */
  running: number
  /** Told to stop, and not yet STOPPED. */
  stopping: number
}

const countHolders = (holders: Map<string, number>, names: readonly string[], step: 1 | -1): void => {
  for (const name of names) {
    const count = (holders.get(name) ?? 0) + step
    if (count === 0) holders.delete(name)
    else holders.set(name, count)
  }
}

/** Tasks of services that never reached RUNNING by themselves, until their deployment has counted them. */
const uncountedFailure = (task: TaskRow): string | undefined =>
  task.lastStatus === 'STOPPED' &&
  task.stopCode === 'TaskFailedToStart' &&
  task.startedAt === undefined &&
  !task.launchFailureCounted
    ? task.serviceArn
    : undefined

/** Tasks that a service has to replace for their own sake. */
const toReplace = (task: TaskRow): string | undefined =>
  task.lastStatus !== 'STOPPED' &&
  (task.onDrainingInstance || task.healthStatus === 'UNHEALTHY' || task.targetHealth?.state === 'unhealthy')
    ? task.serviceArn
    : undefined

/** The instance that a task takes something of. */
export const holdsOf = (task: TaskRow): string | undefined =>
  task.lastStatus === 'STOPPED' && !task.stopUnconfirmed ? undefined : task.containerInstanceArn

const takeFrom = (usage: Usage, task: TaskRow, step: 1 | -1): void => {
  if (holdsOf(task) === undefined) return
  usage.cpu += step * task.reserved.cpu
  usage.memoryMiB += step * task.reserved.memoryMiB
  usage.tasks += step
  if (task.lastStatus === 'RUNNING') usage.running += step
  if (task.lastStatus === 'PENDING' || task.lastStatus === 'PROVISIONING') usage.pending += step
  if (task.networkInterface) usage.enis += step
  countHolders(usage.ports, task.reserved.ports, step)
  countHolders(usage.gpuIds, task.reserved.gpuIds, step)
}

const usage: Aggregate<TaskRow, Usage> = {
  key: holdsOf,
  empty: () => ({
    cpu: 0,
    memoryMiB: 0,
    tasks: 0,
    pending: 0,
    running: 0,
    ports: new Map(),
    gpuIds: new Map(),
    enis: 0,
  }),
  add: (total, task) => takeFrom(total, task, 1),
  remove: (total, task) => takeFrom(total, task, -1),
  isEmpty: total => total.tasks === 0,
}

const countTask = (counts: TaskCounts, task: TaskRow, step: 1 | -1): void => {
  if (task.lastStatus === 'STOPPED') return
  if (task.desiredStatus === 'STOPPED') counts.stopping += step
  else if (task.lastStatus === 'RUNNING') counts.running += step
  else counts.pending += step
}

const countsBy = (key: (task: TaskRow) => string | undefined): Aggregate<TaskRow, TaskCounts> => ({
  key: task => (task.lastStatus === 'STOPPED' ? undefined : key(task)),
  empty: () => ({ pending: 0, running: 0, stopping: 0 }),
  add: (total, task) => countTask(total, task, 1),
  remove: (total, task) => countTask(total, task, -1),
  isEmpty: total => total.pending === 0 && total.running === 0 && total.stopping === 0,
})

/**
 * How many tasks of a group each instance has, of those that are wanted running: placement looks at the desired status.
 * (AWS: "Define which container instances Amazon ECS uses for tasks")
 */
export type InstancesOfGroup = Map<string, number>

const instancesByGroup: Aggregate<TaskRow, InstancesOfGroup> = {
  key: task =>
    task.lastStatus === 'STOPPED' || task.desiredStatus === 'STOPPED' || !task.containerInstanceArn
      ? undefined
      : keys.of(task.clusterArn, task.group),
  empty: () => new Map(),
  add: (total, task) => countHolders(total, [task.containerInstanceArn ?? ''], 1),
  remove: (total, task) => countHolders(total, [task.containerInstanceArn ?? ''], -1),
  isEmpty: total => total.size === 0,
}

/** How many of a deployment's tasks are in which zone, of those that are wanted running. */
const zonesByDeployment: Aggregate<TaskRow, Map<string, number>> = {
  key: task =>
    task.lastStatus === 'STOPPED' || task.desiredStatus === 'STOPPED' ? undefined : task.deploymentId,
  empty: () => new Map(),
  add: (total, task) => countHolders(total, [task.availabilityZone ?? ''], 1),
  remove: (total, task) => countHolders(total, [task.availabilityZone ?? ''], -1),
  isEmpty: total => total.size === 0,
}

const daemonKeys = new JoinedKeys()

/** Of one instance and one DAEMON service. */
export const daemonPlaceKey = (containerInstanceArn: string, serviceArn: string): string =>
  daemonKeys.of(containerInstanceArn, serviceArn)

/**
 * Which instances have a task of a DAEMON service: until nothing of it can run there any more,
 * since an instance has no second one.
 */
const daemonPlaces: Aggregate<TaskRow, { tasks: number }> = {
  key: task => {
    const instanceArn = task.isDaemon && holdsOf(task)
    return instanceArn && task.serviceArn ? daemonPlaceKey(instanceArn, task.serviceArn) : undefined
  },
  empty: () => ({ tasks: 0 }),
  add: total => {
    total.tasks += 1
  },
  remove: total => {
    total.tasks -= 1
  },
  isEmpty: total => total.tasks === 0,
}

/** Keeps no totals: its changes tell which tasks of services have changed, to what is kept up with them. */
const changes: Aggregate<TaskRow, object> = {
  key: task => (task.serviceArn === undefined ? undefined : task.id),
  empty: () => nothing,
  add: () => undefined,
  remove: () => undefined,
  isEmpty: () => true,
}
const nothing: object = {}

/** How many tasks, STOPPED ones too, a revision has: it must outlive them. */
const byTaskDefinition: Aggregate<TaskRow, { tasks: number }> = {
  key: task => task.taskDefinitionArn,
  empty: () => ({ tasks: 0 }),
  add: total => {
    total.tasks += 1
  },
  remove: total => {
    total.tasks -= 1
  },
  isEmpty: total => total.tasks === 0,
}

export const minuteMs = 60_000

/** STOPPED tasks leave memory together by the minute, so that none has a timer of its own. */
export const stoppedMinute = (task: TaskRow): string | undefined =>
  task.lastStatus === 'STOPPED' ? String(Math.floor((task.stoppedAt ?? 0) / minuteMs)) : undefined

export const tasks = defineTable<TaskRow>()({
  name: 'ecs.tasks',
  indexes: {
    byCluster: task => keys.of(task.clusterArn, task.desiredStatus),
    byService: task => task.serviceArn && keys.of(task.serviceArn, task.desiredStatus),
    failedLaunches: uncountedFailure,
    toReplace,
    byDeployment: task => (task.lastStatus === 'STOPPED' ? undefined : task.deploymentId),
    byFamily: task => keys.of(keys.of(task.clusterArn, task.family), task.desiredStatus),
    byStartedBy: task => task.startedBy && `${task.clusterArn}|${task.startedBy}|${task.desiredStatus}`,
    /** Not final: what the instance's agent must know. */
    byInstance: task => (task.lastStatus === 'STOPPED' ? undefined : task.containerInstanceArn),
    /** Those that are marked, of which an instance that is ACTIVE has none. */
    onDrainingByInstance: task =>
      task.onDrainingInstance && task.lastStatus !== 'STOPPED' ? task.containerInstanceArn : undefined,
    /** STOPPED tasks, by instance too, until they leave memory for history. */
    stoppedByInstance: task => (task.lastStatus === 'STOPPED' ? task.containerInstanceArn : undefined),
    /** STOPPED by the server alone: their instance's agent still has to say so. */
    unconfirmedByInstance: task => (task.stopUnconfirmed ? task.containerInstanceArn : undefined),
    byStoppedMinute: task => stoppedMinute(task),
    /** Only those that have no address yet, for which one is to be found. */
    byInterfaceStatus: task => (task.networkInterface?.status === 'PRECREATED' ? 'PRECREATED' : undefined),
    /** Only those that are, or will be, targets of load balancers. */
    balanced: task => (task.targetHealth ? 'balanced' : undefined),
    /** Only those that are STOPPED: the others are found by what they run for. */
    byLastStatus: task => (task.lastStatus === 'STOPPED' ? 'STOPPED' : undefined),
  },
  aggregates: {
    usageByInstance: usage,
    byTaskDefinition,
    instancesByGroup,
    zonesByDeployment,
    daemonPlaces,
    changes,
    countsByDeployment: countsBy(task => task.deploymentId),
    countsByService: countsBy(task => task.serviceArn),
    countsByCluster: countsBy(task => task.clusterArn),
    countsByClusterAndLaunchType: countsBy(task => keys.of(task.clusterArn, task.launchType)),
  },
})

/**
 * Tasks that have been STOPPED for an hour: describable no longer, as in ECS, and kept for the operator, as many as take
 * some 150 MB of disk in a cluster.
 */
export const stoppedTasks = defineHistory<TaskRow>({
  name: 'ecs.stoppedTasks',
  key: task => task.clusterArn,
  keepPerKey: 100_000,
})
