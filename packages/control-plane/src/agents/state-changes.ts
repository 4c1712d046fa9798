import {
  type AttachmentStateChange,
  type ContainerStateChange,
  isAttachmentStatus,
  isTaskStatus,
  type TaskStateChange,
} from '@berth/model'
import { tasks } from '../services/ecs/tables/index.ts'
import { applyReport } from '../services/ecs/task-report.ts'
import type { Millis } from '../store/table.ts'
import type { Store } from '../store/view.ts'
import { isRecord, recordsOf, textOf } from './frames.ts'

export interface ReadChanges {
  readonly changes: readonly TaskStateChange[]
  /** How many were left out, because they name no task or say nothing that this release understands. */
  readonly unreadable: number
}

/** What a `BerthStateChanges` message says. What rows keep of it is told to every caller, so each member is checked. */
export const readStateChanges = (message: unknown): ReadChanges => {
  const records = recordsOf(message, 'changes')
  const changes: TaskStateChange[] = []
  for (const record of records) if (isTaskStateChange(record)) changes.push(record)
  return { changes, unreadable: records.length - changes.length }
}

const isTaskStateChange = (record: object): record is TaskStateChange => {
  if (!isRecord(record) || textOf(record, 'taskArn') === '') return false
  const { status, stopCode, containers, attachments } = record
  if (status !== undefined && !(typeof status === 'string' && isTaskStatus(status))) return false
  return (
    (stopCode === undefined || stopCodes.includes(stopCode)) &&
    isTextOrAbsent(record['reason']) &&
    [undefined, true].includes(record['imagesResolved'] as true | undefined) &&
    hostTimes.every(time => isTimeOrAbsent(record[time])) &&
    Array.isArray(containers) &&
    containers.every(isContainerStateChange) &&
    (attachments === undefined || (Array.isArray(attachments) && attachments.every(isAttachmentStateChange)))
  )
}

const stopCodes: readonly unknown[] = [
  'EssentialContainerExited',
  'TaskFailedToStart',
  'UserInitiated',
  'ServiceSchedulerInitiated',
  'TerminationNotice',
]
const hostTimes = ['pullStartedAt', 'pullStoppedAt', 'executionStoppedAt'] as const
/** The last millisecond that a date can say. */
const endOfTime = 8.64e15

const isTextOrAbsent = (value: unknown): boolean => value === undefined || typeof value === 'string'
const isTimeOrAbsent = (value: unknown): boolean =>
  value === undefined || (typeof value === 'number' && value >= 0 && value <= endOfTime)
const isIntegerOrAbsent = (value: unknown): boolean => value === undefined || Number.isSafeInteger(value)

const containerStatuses: readonly unknown[] = [undefined, 'PENDING', 'RUNNING', 'STOPPED']
const healthStatuses: readonly unknown[] = [undefined, 'HEALTHY', 'UNHEALTHY', 'UNKNOWN']

const isContainerStateChange = (record: unknown): record is ContainerStateChange =>
  isRecord(record) &&
  textOf(record, 'containerName') !== '' &&
  containerStatuses.includes(record['status']) &&
  healthStatuses.includes(record['healthStatus']) &&
  isIntegerOrAbsent(record['exitCode']) &&
  ['runtimeId', 'imageDigest', 'reason'].every(member => isTextOrAbsent(record[member])) &&
  isManagedAgentOrAbsent(record['executeCommandAgent']) &&
  (record['networkBindings'] === undefined || isBindings(record['networkBindings']))

const isManagedAgentOrAbsent = (value: unknown): boolean =>
  value === undefined ||
  (isRecord(value) &&
    value['status'] !== undefined &&
    containerStatuses.includes(value['status']) &&
    isTextOrAbsent(value['reason']))

const isAttachmentStateChange = (record: unknown): record is AttachmentStateChange =>
  isRecord(record) &&
  textOf(record, 'attachmentArn') !== '' &&
  isAttachmentStatus(record['status']) &&
  isTextOrAbsent(record['reason'])

const isBindings = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every(
    binding =>
      isRecord(binding) &&
      ['bindIP', 'protocol', 'containerPortRange', 'hostPortRange'].every(member =>
        isTextOrAbsent(binding[member]),
      ) &&
      isIntegerOrAbsent(binding['containerPort']) &&
      isIntegerOrAbsent(binding['hostPort']),
  )

export interface AppliedChanges {
  /** Tasks that are none of this instance's: their reports were left out. */
  readonly strangers: readonly string[]
  /** Tasks that are STOPPED for good, and run on: the agent was away when they were given up. */
  readonly overdue: readonly string[]
}

/**
 * Applies what the agent of an instance reports, in one commit. Late, repeated and reordered reports move no status back; of
 * a container's health the last word heard holds.
 */
export const applyStateChanges = (
  store: Store,
  containerInstanceArn: string,
  changes: readonly TaskStateChange[],
  now: Millis,
): AppliedChanges =>
  store.update(tx => {
    const strangers: string[] = []
    const overdue: string[] = []
    for (const change of changes) {
      const task = tx.get(tasks, change.taskArn)
      if (task?.containerInstanceArn !== containerInstanceArn) {
        strangers.push(change.taskArn)
        continue
      }
      if (task.lastStatus === 'STOPPED' && saysThatItRuns(change)) overdue.push(task.id)
      const after = applyReport(task, change, now)
      if (after !== undefined) tx.put(tasks, after)
    }
    return { strangers, overdue }
  })

const saysThatItRuns = ({ status }: TaskStateChange): boolean =>
  status === 'RUNNING' || status === 'ACTIVATING'
