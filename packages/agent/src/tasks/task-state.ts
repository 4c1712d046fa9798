/** What the agent knows of a task. Plain data: everything that happens to it is a function from one state to the next. */
import type {
  AttachmentStateChange,
  HealthStatus,
  NetworkBinding,
  PayloadContainer,
  PayloadTask,
  RangeBinding,
  TaskStateChange,
  TaskStatus,
} from '@berth/model'
import { isLaterAttachmentStatus } from '@berth/model'
import { withRouterFirst } from '../firelens/router.ts'

/** The official agent's container statuses, in order. */
const containerSteps = ['NONE', 'PULLED', 'CREATED', 'RUNNING', 'STOPPED'] as const
export type ContainerStep = (typeof containerSteps)[number]

export interface ContainerState {
  readonly name: string
  readonly step: ContainerStep
  readonly runtimeId?: string
  readonly imageDigest?: string
  readonly exitCode?: number
  readonly reason?: string
  readonly healthStatus?: HealthStatus
  readonly networkBindings?: readonly (NetworkBinding | RangeBinding)[]
  /** The last start, on the host's clock. Absent: it never ran. */
  readonly startedAt?: number
  /** How often its restart policy let it run again. */
  readonly restartCount?: number
  /** Its stop signal was sent. */
  readonly stopSent?: boolean
}

export interface TaskState {
  readonly arn: string
  /** The control plane's incarnation that gave, or adopted, this task. */
  readonly incarnation: string
  /** Without credentials: those live in memory only. */
  readonly payload: PayloadTask
  readonly desiredStatus: 'RUNNING' | 'STOPPED'
  readonly containers: readonly ContainerState[]
  /** What was attached to the task, each as it was last. */
  readonly attachments?: readonly AttachmentStateChange[]
  readonly pullStartedAt?: number
  readonly pullStoppedAt?: number
  /** A registry was asked: worth telling, because the task stays PENDING for longer. */
  readonly isPulled?: boolean
  readonly executionStoppedAt?: number
  /** Set when the agent itself ends the task; a stop that was asked for has its words in the control plane. */
  readonly stopCode?: NonNullable<TaskStateChange['stopCode']>
  readonly stoppedReason?: string
  /** When every container had stopped. */
  readonly stoppedAt?: number
}

const withoutCredentials = (payload: PayloadTask): PayloadTask => {
  const { roleCredentials: _role, executionRoleCredentials: _execution, ...rest } = payload
  return rest
}

export const newTask = (payload: PayloadTask, incarnation: string): TaskState => ({
  arn: payload.arn,
  incarnation,
  payload: withRouterFirst(withoutCredentials(payload)),
  desiredStatus: payload.desiredStatus,
  containers: payload.containers.map(container => ({ name: container.name, step: 'NONE' })),
})

export const containerNamed = (task: TaskState, name: string): ContainerState | undefined =>
  task.containers.find(container => container.name === name)

export const definitionOf = (task: TaskState, name: string): PayloadContainer | undefined =>
  task.payload.containers.find(container => container.name === name)

export const hasReached = (container: ContainerState, step: ContainerStep): boolean =>
  containerSteps.indexOf(container.step) >= containerSteps.indexOf(step)

const allStopped = (task: TaskState): boolean =>
  task.containers.every(container => container.step === 'STOPPED')

/** The status to report: RUNNING once every container has started, STOPPED once every container has ended. */
export const taskStatus = (task: TaskState): TaskStatus => {
  if (allStopped(task)) return 'STOPPED'
  if (task.desiredStatus === 'STOPPED' && task.containers.some(container => container.stopSent))
    return 'STOPPING'
  // A task that is told to stop before it ran does not claim to run while its last container winds up.
  const isUp = task.containers.every(container => hasReached(container, 'RUNNING'))
  return isUp && task.desiredStatus === 'RUNNING' ? 'RUNNING' : 'PENDING'
}

const endTask = (task: TaskState, ended: ContainerState, now: number): TaskState => {
  if (task.desiredStatus === 'STOPPED') return task
  const ran = ended.startedAt !== undefined
  return {
    ...task,
    desiredStatus: 'STOPPED',
    executionStoppedAt: task.executionStoppedAt ?? now,
    stopCode: ran ? 'EssentialContainerExited' : 'TaskFailedToStart',
    stoppedReason: ran ? 'Essential container in task exited' : (ended.reason ?? 'Task failed to start'),
  }
}

/**
 * Learns something of a container. A step only goes forward, except that `restarting` lets an ended container run again.
 * An essential container that ends takes its task with it.
 */
export const withContainer = (
  task: TaskState,
  name: string,
  news: Partial<Omit<ContainerState, 'name'>>,
  now: number,
): TaskState => {
  const before = containerNamed(task, name)
  if (!before || before.step === 'STOPPED') return task
  const isBackward = news.step !== undefined && hasReached(before, news.step)
  const after: ContainerState = {
    ...before,
    ...news,
    step: isBackward ? before.step : (news.step ?? before.step),
  }
  const containers = task.containers.map(container => (container.name === name ? after : container))
  let next: TaskState = { ...task, containers }
  if (after.step === 'STOPPED' && definitionOf(task, name)?.essential !== false)
    next = endTask(next, after, now)
  if (allStopped(next))
    next = {
      ...next,
      stoppedAt: now,
      executionStoppedAt: next.executionStoppedAt ?? now,
      desiredStatus: 'STOPPED',
    }
  return next
}

/** An attachment's way only goes forward; why it failed stays. */
export const withAttachment = (task: TaskState, news: AttachmentStateChange): TaskState => {
  const { attachments = [] } = task
  const before = attachments.find(({ attachmentArn }) => attachmentArn === news.attachmentArn)
  if (before && !isLaterAttachmentStatus(before.status, news.status)) return task
  const others = attachments.filter(attachment => attachment !== before)
  return { ...task, attachments: [...others, { ...before, ...news }] }
}

/** The container that holds the namespaces of the task has ended: no other can be started in them any more. */
export const withNamespacesLost = (task: TaskState, now: number): TaskState =>
  task.desiredStatus === 'STOPPED'
    ? task
    : {
        ...task,
        desiredStatus: 'STOPPED',
        executionStoppedAt: task.executionStoppedAt ?? now,
        stopCode: 'EssentialContainerExited',
        stoppedReason: 'Essential container in task exited',
      }

/** The control plane wants it stopped. Containers that were never created have nothing to stop. */
export const withStopRequested = (task: TaskState): TaskState =>
  task.desiredStatus === 'STOPPED' ? task : { ...task, desiredStatus: 'STOPPED' }

/** A task that cannot run at all: nothing of it was ever created. */
export const refusedTask = (task: TaskState, reason: string, now: number): TaskState => ({
  ...task,
  desiredStatus: 'STOPPED',
  stopCode: 'TaskFailedToStart',
  stoppedReason: reason,
  stoppedAt: now,
  containers: task.containers.map(container => ({ ...container, step: 'STOPPED' })),
})
