import type {
  UpdateServicePrimaryTaskSetRequest,
  UpdateServicePrimaryTaskSetResponse,
} from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { withPrimaryTaskSet } from '../../deployment/task-sets/primary-task-set.ts'
import { taskSetsOf } from '../../deployment/task-sets/task-set-draft.ts'
import { invalidParameter } from '../../errors.ts'
import { taskSetResponse } from '../../responses/task-set.ts'
import { services, type TaskSetRow, taskSets } from '../../tables/index.ts'
import { existingTaskSet, serviceWithTaskSets, taskSetResource } from './task-set-references.ts'

/** The one that was primary is ACTIVE from now on. */
export const updateServicePrimaryTaskSet = operation<
  UpdateServicePrimaryTaskSetRequest,
  UpdateServicePrimaryTaskSetResponse
>({
  name: 'UpdateServicePrimaryTaskSet',
  effect: 'writes',
  resources: (request, { scope }) => [taskSetResource(scope, request, request.primaryTaskSet)],
  handle: (request, { store, scope, now }) =>
    store.update(tx => {
      const service = serviceWithTaskSets(tx, scope, request)
      const before = existingTaskSet(tx, service, request.primaryTaskSet)
      if (before.status === 'DRAINING')
        throw invalidParameter('A task set that is DRAINING cannot be the primary one.')
      for (const other of taskSetsOf(tx, service.id))
        if (other.status === 'PRIMARY' && other.id !== before.id)
          tx.put(taskSets, { ...other, status: 'ACTIVE', updatedAt: now })
      const row: TaskSetRow = { ...before, status: 'PRIMARY', updatedAt: now }
      tx.put(taskSets, row)
      const changed = withPrimaryTaskSet(service, row)
      tx.put(services, changed)
      return { taskSet: taskSetResponse(tx, changed, row, { tags: true }) }
    }),
})
