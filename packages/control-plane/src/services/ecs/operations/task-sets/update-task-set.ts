import type { UpdateTaskSetRequest, UpdateTaskSetResponse } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { taskSetResponse } from '../../responses/task-set.ts'
import { type TaskSetRow, taskSets } from '../../tables/index.ts'
import { checkScale } from './scale.ts'
import { existingTaskSet, serviceWithTaskSets, taskSetResource } from './task-set-references.ts'

/** Changes the scale, and nothing else. */
export const updateTaskSet = operation<UpdateTaskSetRequest, UpdateTaskSetResponse>({
  name: 'UpdateTaskSet',
  effect: 'writes',
  resources: (request, { scope }) => [taskSetResource(scope, request, request.taskSet)],
  handle: (request, { store, scope, now }) =>
    store.update(tx => {
      const service = serviceWithTaskSets(tx, scope, request)
      const before = existingTaskSet(tx, service, request.taskSet)
      const scale = checkScale(request.scale ?? {})
      if (before.status === 'DRAINING')
        throw invalidParameter('A task set that is DRAINING cannot be updated.')
      const row: TaskSetRow = {
        ...before,
        scale,
        updatedAt: now,
        stabilityStatus: 'STABILIZING',
        stabilityStatusAt: now,
        // Whatever was in the way may be gone.
        placementFailure: undefined,
      }
      tx.put(taskSets, row)
      return { taskSet: taskSetResponse(tx, service, row, { tags: true }) }
    }),
})
