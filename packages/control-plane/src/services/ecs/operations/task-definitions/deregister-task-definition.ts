import type { DeregisterTaskDefinitionRequest, DeregisterTaskDefinitionResponse } from '@aws-sdk/client-ecs'
import type { Scope } from '@berth/model'
import type { Transaction, View } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import { cannotDescribeTaskDefinition, clientException } from '../../errors.ts'
import { familyId } from '../../references.ts'
import { taskDefinitionResponse } from '../../responses/task-definition.ts'
import { families, type TaskDefinitionRow, taskDefinitions } from '../../tables/index.ts'
import { revisionArn } from './revision-arn.ts'

/** What runs on the revision runs on, and its services may still scale. */
export const deregisterTaskDefinition = operation<
  DeregisterTaskDefinitionRequest,
  DeregisterTaskDefinitionResponse
>({
  name: 'DeregisterTaskDefinition',
  effect: 'frees',
  resources: () => ['*'],
  handle: (input, call) => {
    const id = revisionArn(call.scope, input.taskDefinition ?? '')
    const row = call.store.update(tx => {
      const old = tx.get(taskDefinitions, id)
      if (!old) throw cannotDescribeTaskDefinition()
      if (old.status !== 'ACTIVE')
        throw clientException(
          'The specified task definition is inactive. Specify an active task definition and try again.',
        )
      const inactive: TaskDefinitionRow = { ...old, status: 'INACTIVE', deregisteredAt: call.now }
      tx.put(taskDefinitions, inactive)
      updateLatest(tx, call.scope, inactive)
      return inactive
    })
    return { taskDefinition: taskDefinitionResponse(row) }
  },
})

const updateLatest = (tx: Transaction, scope: Scope, { family }: TaskDefinitionRow): void => {
  const row = tx.get(families, familyId(scope, family))
  if (row) tx.put(families, { ...row, latestActive: latestActive(tx, row.id) })
}

const latestActive = (view: View, id: string): number | undefined => {
  let latest: number | undefined
  for (const { status, revision } of view.where(taskDefinitions, 'byFamily', id))
    if (status === 'ACTIVE' && revision > (latest ?? 0)) latest = revision
  return latest
}
