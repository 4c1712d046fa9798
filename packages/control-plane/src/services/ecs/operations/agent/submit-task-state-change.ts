import type { SubmitTaskStateChangeRequest, SubmitTaskStateChangeResponse } from '@aws-sdk/client-ecs'
import type { TaskStateChange } from '@berth/model'
import { operation } from '../../../service.ts'
import { clusterResource } from '../../resource-arns.ts'
import {
  readAttachment,
  readContainer,
  readManagedAgent,
  readTaskStatus,
  reportedTask,
  writeReport,
} from './report.ts'

/** The official agent's report of one task. Late, repeated and reordered reports change nothing. */
export const submitTaskStateChange = operation<SubmitTaskStateChangeRequest, SubmitTaskStateChangeResponse>({
  name: 'SubmitTaskStateChange',
  // A report frees what a stopped task held: it is taken on a full disk, too.
  effect: 'frees',
  resources: ({ cluster }, { scope }) => [clusterResource(scope, cluster)],
  handle: (request, call) => {
    call.store.update(tx => {
      const task = reportedTask(tx, call, request, 'ecs:SubmitTaskStateChange')
      writeReport(tx, task, readReport(task.id, request), call.now)
    })
    return { acknowledgment: 'ACK' }
  },
})

const readReport = (taskArn: string, request: SubmitTaskStateChangeRequest): TaskStateChange => {
  const { status, reason, containers, managedAgents, attachments } = request
  const { pullStartedAt, pullStoppedAt, executionStoppedAt } = request
  return {
    taskArn,
    ...readTaskStatus(status),
    ...(reason && { reason }),
    containers: [
      ...(containers ?? []).map(readContainer),
      ...(managedAgents ?? []).flatMap(readManagedAgent),
    ],
    ...(attachments && { attachments: attachments.map(readAttachment) }),
    ...(pullStartedAt && { pullStartedAt: pullStartedAt.getTime() }),
    ...(pullStoppedAt && { pullStoppedAt: pullStoppedAt.getTime() }),
    ...(executionStoppedAt && { executionStoppedAt: executionStoppedAt.getTime() }),
  }
}
