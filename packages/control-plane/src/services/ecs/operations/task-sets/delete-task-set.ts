import type { DeleteTaskSetRequest, DeleteTaskSetResponse } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { drainingTaskSet } from '../../deployment/task-sets/draining-task-set.ts'
import { withoutPrimaryTaskSet } from '../../deployment/task-sets/primary-task-set.ts'
import { invalidParameter } from '../../errors.ts'
import { taskSetResponse } from '../../responses/task-set.ts'
import { services, type TaskSetRow, taskSets } from '../../tables/index.ts'
import { existingTaskSet, serviceWithTaskSets, taskSetResource } from './task-set-references.ts'

/** The set is DRAINING until its last task is STOPPED, then it is gone. */
export const deleteTaskSet = operation<DeleteTaskSetRequest, DeleteTaskSetResponse>({
  name: 'DeleteTaskSet',
  effect: 'frees',
  resources: (request, { scope }) => [taskSetResource(scope, request, request.taskSet)],
  handle: (request, { store, scope, now }) =>
    store.update(tx => {
      const service = serviceWithTaskSets(tx, scope, request)
      const before = existingTaskSet(tx, service, request.taskSet)
      if (!request.force) refuseInUse(before)
      if (before.status === 'PRIMARY') tx.put(services, withoutPrimaryTaskSet(service))
      const row = before.status === 'DRAINING' ? before : drainingTaskSet(before, now)
      tx.put(taskSets, row)
      return { taskSet: taskSetResponse(tx, service, row, { tags: true }) }
    }),
})

const refuseInUse = ({ status, scale }: TaskSetRow): void => {
  if (status === 'PRIMARY') throw invalidParameter('Primary TaskSet cannot be deleted')
  if (status === 'ACTIVE' && scale.value > 0)
    throw invalidParameter('The task set cannot be deleted while it is scaled above 0.')
}
