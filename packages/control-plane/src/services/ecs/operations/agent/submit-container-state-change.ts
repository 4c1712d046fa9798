import type {
  SubmitContainerStateChangeRequest,
  SubmitContainerStateChangeResponse,
} from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { clusterResource } from '../../resource-arns.ts'
import { readContainer, reportedTask, writeReport } from './report.ts'

/** An old agent's report of one container. */
export const submitContainerStateChange = operation<
  SubmitContainerStateChangeRequest,
  SubmitContainerStateChangeResponse
>({
  name: 'SubmitContainerStateChange',
  effect: 'frees',
  resources: ({ cluster }, { scope }) => [clusterResource(scope, cluster)],
  handle: (request, call) => {
    call.store.update(tx => {
      const task = reportedTask(tx, call, request, 'ecs:SubmitContainerStateChange')
      writeReport(tx, task, { taskArn: task.id, containers: [readContainer(request)] }, call.now)
    })
    return { acknowledgment: 'ACK' }
  },
})
