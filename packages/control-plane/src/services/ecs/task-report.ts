/** What a host's report makes of a task. Statuses only move forward, so that a report may come late, twice or out of order. */
import type { TaskStopCode } from '@aws-sdk/client-ecs'
import {
  type AttachmentStateChange,
  type ContainerStateChange,
  type ContainerStatus,
  type HealthStatus,
  isLaterAttachmentStatus,
  isLaterStatus,
  lastSegment,
  type TaskStateChange,
} from '@berth/model'
import type { Millis } from '../../store/table.ts'
import { isDetached } from './networking/task-interface.ts'
import type { ContainerState, TaskRow } from './tables/index.ts'

/** The task after the report, or undefined when the report says nothing new. `now` is the server's time. */
export const applyReport = (task: TaskRow, report: TaskStateChange, now: Millis): TaskRow | undefined => {
  if (task.lastStatus === 'STOPPED') return confirmed(task, report)
  const changes: Changes = {
    ...containerChanges(task, report, now),
    ...hostTimes(task, report),
    ...volumeChanges(task, report),
    ...interfaceChanges(task, report),
  }
  if (report.imagesResolved && !task.imagesResolved) changes.imagesResolved = true
  const reported: Draft = { ...task, ...changes }
  const moves = statusChanges(reported, report, now)
  if (isEmpty(changes) && isEmpty(moves)) return undefined
  Object.assign(reported, moves)
  if (task.connectivity !== 'CONNECTED') {
    reported.connectivity = 'CONNECTED'
    reported.connectivityAt = now
  }
  reported.version = task.version + 1
  return reported
}

/** STOPPED is final; its host still says what becomes of its volume, or, if it was lost, that what it held there is free. */
const confirmed = (task: TaskRow, report: TaskStateChange): TaskRow | undefined => {
  const { volume } = volumeChanges(task, report)
  const { networkInterface } = interfaceChanges(task, report)
  const after = networkInterface ? { ...task, networkInterface } : task
  const isConfirmed = task.stopUnconfirmed && saysNothingIsLeft(after, report)
  if (!isConfirmed && !volume && !networkInterface) return undefined
  const { stopUnconfirmed, ...rest } = task
  return {
    ...rest,
    ...(stopUnconfirmed && !isConfirmed && { stopUnconfirmed }),
    ...(volume && { volume }),
    ...(networkInterface && { networkInterface }),
    ...((volume || networkInterface) && { version: task.version + 1 }),
  }
}

type Draft = { -readonly [K in keyof TaskRow]: TaskRow[K] }
type Changes = Partial<Draft>

const isEmpty = (changes: Changes): boolean => {
  for (const _ in changes) return false
  return true
}

const containerChanges = (task: TaskRow, report: TaskStateChange, now: Millis): Changes => {
  let containers = task.containers
  for (const change of report.containers) {
    const index = containers.findIndex(({ name }) => name === change.containerName)
    const before = containers[index]
    const after = before && applyToContainer(before, change, now)
    if (after && after !== before) containers = containers.with(index, after)
  }
  if (report.status === 'STOPPED' && containers.some(({ lastStatus }) => lastStatus !== 'STOPPED'))
    containers = containers.map(container => ({ ...container, lastStatus: 'STOPPED' }))
  if (containers === task.containers) return {}
  const healthStatus = healthOf(containers)
  return healthStatus === task.healthStatus ? { containers } : { containers, healthStatus }
}

const containerStatuses: readonly ContainerStatus[] = ['PENDING', 'RUNNING', 'STOPPED']

/** What was said of a container once stays; only its health comes and goes. A report of an earlier status is a late one. */
const applyToContainer = (
  before: ContainerState,
  change: ContainerStateChange,
  now: Millis,
): ContainerState => {
  const status = change.status ?? before.lastStatus
  if (containerStatuses.indexOf(status) < containerStatuses.indexOf(before.lastStatus)) return before
  const after: ContainerState = {
    ...before,
    lastStatus: status,
    ...first(before, change, 'runtimeId'),
    ...first(before, change, 'imageDigest'),
    ...first(before, change, 'exitCode'),
    ...first(before, change, 'reason'),
    ...first(before, change, 'networkBindings'),
    ...(before.healthStatus && change.healthStatus && before.lastStatus !== 'STOPPED'
      ? { healthStatus: change.healthStatus }
      : {}),
    ...managedAgent(before, change, now),
  }
  const members = Object.keys(after) as (keyof ContainerState)[]
  return members.every(member => after[member] === before[member]) ? before : after
}

const managedAgent = (
  { executeCommandAgent: before }: ContainerState,
  { executeCommandAgent: change }: ContainerStateChange,
  now: Millis,
): Partial<ContainerState> => {
  if (!change || (before?.lastStatus === change.status && before.reason === change.reason)) return {}
  const lastStartedAt = change.status === 'RUNNING' ? now : before?.lastStartedAt
  return {
    executeCommandAgent: {
      lastStatus: change.status,
      ...(lastStartedAt !== undefined && { lastStartedAt }),
      ...(change.reason !== undefined && { reason: change.reason }),
    },
  }
}

type Reported = 'runtimeId' | 'imageDigest' | 'exitCode' | 'reason' | 'networkBindings'

const first = (
  before: ContainerState,
  change: ContainerStateChange,
  member: Reported,
): Partial<ContainerState> =>
  before[member] === undefined && change[member] !== undefined ? { [member]: change[member] } : {}

/**
 * Of the essential containers that have a health check: unhealthy when one is, healthy when all are.
 * (AWS: "Determine Amazon ECS task health using container health checks")
 */
const healthOf = (containers: readonly ContainerState[]): HealthStatus => {
  let health: HealthStatus | undefined
  for (const { essential, healthStatus } of containers) {
    if (essential === false || !healthStatus) continue
    if (healthStatus === 'UNHEALTHY') return 'UNHEALTHY'
    health = health === undefined || healthStatus === 'UNKNOWN' ? healthStatus : health
  }
  return health ?? 'UNKNOWN'
}

/** The volume's way only goes forward. */
const volumeChanges = ({ volume }: TaskRow, report: TaskStateChange): Changes => {
  if (!volume) return {}
  const news = newsOf(report, volume)
  if (!news) {
    // Its host never began with it.
    const isNothing = volume.status === 'CREATED' && report.status === 'STOPPED'
    return isNothing ? { volume: { ...volume, status: 'DELETED' } } : {}
  }
  if (!isLaterAttachmentStatus(volume.status, news.status)) return {}
  return { volume: { ...volume, status: news.status, statusReason: volume.statusReason ?? news.reason } }
}

/** So does the interface's. DELETED is the word of the control plane, which takes its address back. */
const interfaceChanges = ({ networkInterface }: TaskRow, report: TaskStateChange): Changes => {
  const news = networkInterface && newsOf(report, networkInterface)
  if (!news || networkInterface.status === 'DELETED') return {}
  const status = news.status === 'DELETED' ? 'DETACHED' : news.status
  return isLaterAttachmentStatus(networkInterface.status, status)
    ? { networkInterface: { ...networkInterface, status } }
    : {}
}

const newsOf = (
  { attachments }: TaskStateChange,
  { attachmentId }: { readonly attachmentId: string },
): AttachmentStateChange | undefined =>
  attachments?.find(({ attachmentArn }) => lastSegment(attachmentArn) === attachmentId)

/** Whether a host says that nothing of the task is left there: with a task's end it names the interface that it has still. */
const saysNothingIsLeft = ({ networkInterface }: TaskRow, report: TaskStateChange): boolean => {
  if (networkInterface && isDetached(networkInterface)) return true
  return report.status === 'STOPPED' && !(networkInterface && newsOf(report, networkInterface))
}

/** A task is no longer being provisioned once it has its volume and its interface. */
const isProvisioned = ({ volume, networkInterface }: TaskRow): boolean =>
  [volume, networkInterface].every(attachment => !attachment || attachment.status === 'ATTACHED')

const hostTimes = (task: TaskRow, report: TaskStateChange): Changes => {
  const times: Changes = {}
  for (const time of ['pullStartedAt', 'pullStoppedAt', 'executionStoppedAt'] as const)
    if (task[time] === undefined && report[time] !== undefined) times[time] = report[time]
  return times
}

const statusChanges = (task: TaskRow, report: TaskStateChange, now: Millis): Changes => {
  const { status } = report
  const moves = status !== undefined && isLaterStatus(task.lastStatus, status)
  if (status === 'STOPPED' || task.lastStatus === 'DEPROVISIONING') return ended(task, report, now)
  const isReady = task.lastStatus === 'PROVISIONING' && isProvisioned(task)
  return {
    ...(isReady ? { lastStatus: 'PENDING' } : {}),
    ...(moves ? { lastStatus: status } : {}),
    ...(moves && status === 'RUNNING' ? { startedAt: now } : {}),
    ...(endsByItself(task) || (moves && isLaterStatus('RUNNING', status)) ? stopping(task, report, now) : {}),
  }
}

/** The agent stops what is left of a task once an essential container has exited, so it counts as stopping from then on. */
const endsByItself = (task: TaskRow): boolean =>
  task.containers.some(container => container.essential !== false && container.lastStatus === 'STOPPED')

const stopping = (task: TaskRow, report: TaskStateChange, now: Millis): Changes => {
  if (task.desiredStatus === 'STOPPED') return {}
  const cause =
    report.stopCode || hasExited(task)
      ? { stopCode: stopCodeOf(task, report), stoppedReason: reasonOf(task, report) }
      : {}
  return { desiredStatus: 'STOPPED', stoppingAt: task.stoppingAt ?? now, ...cause }
}

/** A task whose interface is on its host still is DEPROVISIONING until it is not. (AWS: "Amazon ECS task lifecycle") */
const ended = (task: TaskRow, report: TaskStateChange, now: Millis): Changes => {
  if (saysNothingIsLeft(task, report)) return stopped(task, report, now)
  if (task.lastStatus === 'DEPROVISIONING') return {}
  const { stoppedAt: _, ...changes } = stopped(task, report, now)
  return { ...changes, lastStatus: 'DEPROVISIONING' }
}

const stopped = (task: TaskRow, report: TaskStateChange, now: Millis): Changes => ({
  lastStatus: 'STOPPED',
  desiredStatus: 'STOPPED',
  stopCode: stopCodeOf(task, report),
  stoppedReason: reasonOf(task, report),
  stoppingAt: task.stoppingAt ?? now,
  stoppedAt: now,
})

const hasExited = (task: TaskRow): boolean =>
  task.containers.some(({ essential, exitCode }) => essential !== false && exitCode !== undefined)

/** Who stopped it first has said why; else it ended by itself, or never came up. */
const stopCodeOf = (task: TaskRow, report: TaskStateChange): TaskStopCode =>
  task.stopCode ??
  report.stopCode ??
  (task.startedAt !== undefined || hasExited(task) ? 'EssentialContainerExited' : 'TaskFailedToStart')

const reasonOf = (task: TaskRow, report: TaskStateChange): string => {
  if (task.stoppedReason !== undefined) return task.stoppedReason
  if (report.reason) return report.reason
  if (stopCodeOf(task, report) === 'EssentialContainerExited') return 'Essential container in task exited'
  return task.containers.find(({ reason }) => reason)?.reason ?? 'Task failed to start'
}
