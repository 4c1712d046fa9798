/** What to tell the control plane of a task: the difference between what it knows and what is. */
import { type ContainerStateChange, isLaterStatus, type TaskStateChange, type TaskStatus } from '@berth/model'
import { type ContainerState, type TaskState, taskStatus } from './task-state.ts'

/** What a state change told, or would tell: the status, and each container's entry as JSON text by its name. */
export interface Reported {
  readonly status?: TaskStatus
  readonly containers: Readonly<Record<string, string>>
  readonly attachments?: Readonly<Record<string, string>>
}

export const nothingReported: Reported = { containers: {} }

/** Nothing more will be news of the task. */
export const isFinal = ({ attachments = [] }: TaskState, known: Reported): boolean =>
  known.status === 'STOPPED' &&
  attachments.every(({ attachmentArn }) => isGone(known.attachments?.[attachmentArn]))

const isGone = (status: string | undefined): boolean => status === 'DETACHED' || status === 'DELETED'

const reportedStatus = (container: ContainerState): NonNullable<ContainerStateChange['status']> => {
  if (container.step === 'RUNNING' || container.step === 'STOPPED') return container.step
  return 'PENDING'
}

const defined = <Value extends object>(value: Value): Value =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Value

/** Commands are executed by the agent itself: they can be as long as the container runs. */
const managedAgent = (
  { payload }: TaskState,
  container: ContainerState,
): ContainerStateChange['executeCommandAgent'] =>
  payload.definition?.enableExecuteCommand ? { status: reportedStatus(container) } : undefined

const containerChange = (task: TaskState, container: ContainerState): ContainerStateChange =>
  defined({
    containerName: container.name,
    status: reportedStatus(container),
    runtimeId: container.runtimeId,
    imageDigest: container.imageDigest,
    exitCode: container.exitCode,
    reason: container.reason?.slice(0, 1024),
    healthStatus: container.healthStatus,
    networkBindings: container.networkBindings,
    executeCommandAgent: managedAgent(task, container),
  } as ContainerStateChange)

/** A container that has not run yet is news only together with its task's status. */
const isNews = (container: ContainerState): boolean =>
  container.step === 'RUNNING' || container.step === 'STOPPED'

/** Other tasks wait for the digests of this one's images. */
const resolvesImages = (task: TaskState): boolean =>
  task.payload.resolvesImages === true &&
  task.containers.every(container => container.step !== 'NONE' && container.step !== 'STOPPED')

export interface Report {
  readonly change: TaskStateChange
  /** What the control plane knows once it has acknowledged the change. */
  readonly reported: Reported
}

/** Undefined when there is nothing to tell. A status never goes back. */
export const reportSince = (task: TaskState, known: Reported): Report | undefined => {
  const status = taskStatus(task)
  const isNewStatus =
    (known.status === undefined || isLaterStatus(known.status, status)) &&
    // PENDING is news only when a pull makes it last.
    (status !== 'PENDING' || task.isPulled === true)
  const isResolved = resolvesImages(task)
  const entries = task.containers
    .filter(container => isNews(container) || isResolved || status === 'STOPPED')
    .map(container => containerChange(task, container))
    .filter(entry => known.containers[entry.containerName] !== JSON.stringify(entry))
  const isEnd = isNewStatus && status === 'STOPPED'
  const attachments = (task.attachments ?? []).filter(
    ({ attachmentArn, status: reached }) =>
      known.attachments?.[attachmentArn] !== reached || (isEnd && !isGone(reached)),
  )
  if (!isNewStatus && entries.length === 0 && attachments.length === 0) return undefined
  const change = defined({
    taskArn: task.arn,
    status: isNewStatus ? status : undefined,
    // Why it ends is told as soon as that is known: other containers may take their time to stop.
    reason: task.stoppedReason?.slice(0, 1024),
    stopCode: task.stopCode,
    containers: entries,
    attachments: attachments.length > 0 ? attachments : undefined,
    pullStartedAt: task.pullStartedAt,
    pullStoppedAt: task.pullStoppedAt,
    executionStoppedAt: task.executionStoppedAt,
    imagesResolved: isResolved || undefined,
  } as TaskStateChange)
  const told = Object.fromEntries(entries.map(entry => [entry.containerName, JSON.stringify(entry)]))
  const toldAttachments = Object.fromEntries(
    attachments.map(({ attachmentArn, status: reached }) => [attachmentArn, reached]),
  )
  const reachedStatus = isNewStatus ? status : known.status
  return {
    change,
    reported: {
      ...(reachedStatus ? { status: reachedStatus } : {}),
      containers: { ...known.containers, ...told },
      ...(task.attachments && { attachments: { ...known.attachments, ...toldAttachments } }),
    },
  }
}
