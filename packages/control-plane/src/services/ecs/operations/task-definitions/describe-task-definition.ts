import type { DescribeTaskDefinitionRequest, DescribeTaskDefinitionResponse } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { cannotDescribeTaskDefinition } from '../../errors.ts'
import { findTaskDefinition } from '../../references.ts'
import { taskDefinitionResponse } from '../../responses/task-definition.ts'

/** A bare family means its newest ACTIVE revision; one that was named is shown in any status. */
export const describeTaskDefinition = operation<
  DescribeTaskDefinitionRequest,
  DescribeTaskDefinitionResponse
>({
  name: 'DescribeTaskDefinition',
  effect: 'reads',
  resources: () => ['*'],
  handle: (input, { store, scope }) => {
    const row = findTaskDefinition(store, scope, input.taskDefinition ?? '')
    if (!row) throw cannotDescribeTaskDefinition()
    return {
      taskDefinition: taskDefinitionResponse(row),
      ...(input.include?.includes('TAGS') && { tags: [...row.tags] }),
    }
  },
})
