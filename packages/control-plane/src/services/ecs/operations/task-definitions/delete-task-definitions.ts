import type { DeleteTaskDefinitionsRequest, DeleteTaskDefinitionsResponse } from '@aws-sdk/client-ecs'
import type { Millis } from '../../../../store/table.ts'
import type { Transaction } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { taskDefinitionResource } from '../../resource-arns.ts'
import { taskDefinitionResponse } from '../../responses/task-definition.ts'
import { type TaskDefinitionRow, taskDefinitions } from '../../tables/index.ts'
import { revisionArn } from './revision-arn.ts'

const mostDefinitions = 10

/** INACTIVE revisions become DELETE_IN_PROGRESS, and are gone once no task and no service needs them. */
export const deleteTaskDefinitions = operation<DeleteTaskDefinitionsRequest, DeleteTaskDefinitionsResponse>({
  name: 'DeleteTaskDefinitions',
  effect: 'frees',
  resources: (input, { scope }) =>
    (input.taskDefinitions ?? []).map(reference => taskDefinitionResource(scope, reference)),
  handle: (input, call) => {
    const wanted = input.taskDefinitions ?? []
    if (wanted.length === 0 || wanted.length > mostDefinitions)
      throw invalidParameter(`taskDefinitions must have 1 to ${mostDefinitions} elements.`)
    const arns = wanted.map(reference => revisionArn(call.scope, reference))
    const results = call.store.update(tx =>
      arns.map(arn => ({ arn, result: requestDeletion(tx, arn, call.now) })),
    )
    return {
      taskDefinitions: results.flatMap(({ result }) =>
        typeof result === 'string' ? [] : [taskDefinitionResponse(result)],
      ),
      failures: results.flatMap(({ arn, result }) =>
        typeof result === 'string' ? [{ arn, reason: result }] : [],
      ),
    }
  },
})

/** The changed row, or the reason why it was not changed. */
const requestDeletion = (tx: Transaction, arn: string, now: Millis): TaskDefinitionRow | string => {
  const row = tx.get(taskDefinitions, arn)
  if (!row)
    return 'The specified task definition does not exist. Specify a valid account, family, revision and try again.'
  if (row.status === 'ACTIVE')
    return 'The specified task definition is still in ACTIVE status. Please deregister the target and try again.'
  if (row.status === 'DELETE_IN_PROGRESS') return 'The specified task definition is already being deleted.'
  const deleting: TaskDefinitionRow = { ...row, status: 'DELETE_IN_PROGRESS', deleteRequestedAt: now }
  tx.put(taskDefinitions, deleting)
  return deleting
}
