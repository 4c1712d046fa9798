import type { StopTaskRequest, StopTaskResponse } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { activeCluster, existingTask } from '../../references.ts'
import { resourceInCluster } from '../../resource-arns.ts'
import { taskResponse } from '../../responses/task.ts'
import { tasks } from '../../tables/index.ts'
import { requestStop } from '../../task-stop.ts'

/** The host stops the task; what STOPPED means is told by its report. Stopping a task again changes nothing. */
export const stopTask = operation<StopTaskRequest, StopTaskResponse>({
  name: 'StopTask',
  effect: 'frees',
  resources: ({ cluster, task }, { scope }) => [resourceInCluster(scope, 'task', cluster, task)],
  handle: ({ cluster: reference, task: id = '', reason }, { store, scope, now }) =>
    store.update(tx => {
      if ((reason?.length ?? 0) > 1024) throw invalidParameter('reason can have at most 1024 characters.')
      const cluster = activeCluster(tx, scope, reference)
      const before = existingTask(tx, cluster, id)
      const after = requestStop(
        before,
        { stopCode: 'UserInitiated', reason: reason || 'Task stopped by user' },
        now,
      )
      if (after !== before) tx.put(tasks, after)
      return { task: taskResponse(tx, after, { tags: true }) }
    }),
})
