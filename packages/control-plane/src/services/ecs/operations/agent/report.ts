/** What an agent's Submit* calls have in common: the words of the API made a report, and applied to a task. */
import type {
  ManagedAgentStateChange,
  AttachmentStateChange as SentAttachment,
  NetworkBinding as SentBinding,
  ContainerStateChange as SentContainer,
} from '@aws-sdk/client-ecs'
import {
  type AttachmentStateChange,
  type ContainerStateChange,
  isAttachmentStatus,
  isTaskStatus,
  type NetworkBinding,
  type RangeBinding,
  type TaskStateChange,
} from '@berth/model'
import type { Transaction } from '../../../../store/view.ts'
import type { Call } from '../../../service.ts'
import { ownsTask } from '../../agent-identity.ts'
import { accessDenied, invalidParameter } from '../../errors.ts'
import { activeCluster, existingTask } from '../../references.ts'
import { type TaskRow, tasks } from '../../tables/index.ts'
import { applyReport } from '../../task-report.ts'

/** The agent drops a report, instead of sending it again for a day, only on an InvalidParameterException. */
export const reportedTask = (
  tx: Transaction,
  { scope, identity }: Call,
  request: { readonly cluster?: string | undefined; readonly task?: string | undefined },
  action: string,
): TaskRow => {
  if (!request.task) throw invalidParameter('Task cannot be blank.')
  const task = existingTask(tx, activeCluster(tx, scope, request.cluster), request.task)
  if (!ownsTask(tx, identity, task)) throw accessDenied(identity.arn, action, task.id)
  return task
}

export const writeReport = (tx: Transaction, task: TaskRow, report: TaskStateChange, now: number): void => {
  const after = applyReport(task, report, now)
  if (after !== undefined) tx.put(tasks, after)
}

export const readTaskStatus = (status: string | undefined): Pick<TaskStateChange, 'status'> => {
  if (!status) return {}
  if (!isTaskStatus(status)) throw invalidParameter(`Task status is invalid: ${status}`)
  return { status }
}

export const readContainer = (sent: SentContainer): ContainerStateChange => {
  const { containerName, status, runtimeId, imageDigest, exitCode, reason, networkBindings } = sent
  if (!containerName) throw invalidParameter('Container name cannot be blank.')
  return {
    containerName,
    ...readContainerStatus(status),
    ...(runtimeId && { runtimeId }),
    ...(imageDigest && { imageDigest }),
    ...(exitCode !== undefined && { exitCode }),
    ...(reason && { reason }),
    ...(networkBindings &&
      networkBindings.length > 0 && { networkBindings: networkBindings.flatMap(readBinding) }),
  }
}

/** The one managed agent that there is. */
export const readManagedAgent = (sent: ManagedAgentStateChange): ContainerStateChange[] => {
  const { containerName, managedAgentName, status, reason } = sent
  if (!containerName || managedAgentName !== 'ExecuteCommandAgent') return []
  const state = readContainerStatus(status).status
  return state === undefined
    ? []
    : [{ containerName, executeCommandAgent: { status: state, ...(reason && { reason }) } }]
}

export const readAttachment = ({ attachmentArn, status }: SentAttachment): AttachmentStateChange => {
  if (!attachmentArn) throw invalidParameter('Attachment ARN cannot be blank.')
  if (!isAttachmentStatus(status)) throw invalidParameter(`Attachment status is invalid: ${status}`)
  return { attachmentArn, status }
}

const readContainerStatus = (status: string | undefined): Pick<ContainerStateChange, 'status'> => {
  if (!status) return {}
  if (status !== 'PENDING' && status !== 'RUNNING' && status !== 'STOPPED')
    throw invalidParameter(`Container status is invalid: ${status}`)
  return { status }
}

/** A binding is of one port or of a range of them; one of neither says nothing. */
const readBinding = (sent: SentBinding): (NetworkBinding | RangeBinding)[] => {
  const { bindIP = '0.0.0.0', protocol = 'tcp' } = sent
  const { containerPort, hostPort, containerPortRange, hostPortRange } = sent
  if (containerPortRange !== undefined && hostPortRange !== undefined)
    return [{ bindIP, containerPortRange, hostPortRange, protocol }]
  return containerPort === undefined || hostPort === undefined
    ? []
    : [{ bindIP, containerPort, hostPort, protocol }]
}
