import type { DescribeTaskSetsRequest, DescribeTaskSetsResponse } from '@aws-sdk/client-ecs'
import { lastSegment, taskSetArn } from '@berth/model'
import { operation } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { taskSetResponse } from '../../responses/task-set.ts'
import { findTaskSet, serviceWithTaskSets, taskSetIdOf, taskSetResource } from './task-set-references.ts'

export const describeTaskSets = operation<DescribeTaskSetsRequest, DescribeTaskSetsResponse>({
  name: 'DescribeTaskSets',
  effect: 'reads',
  resources: (request, { scope }) =>
    (request.taskSets ?? []).map(reference => taskSetResource(scope, request, reference)),
  handle: (request, { store, scope }) => {
    const references = request.taskSets ?? []
    const service = serviceWithTaskSets(store, scope, request)
    // The API reference does not say so, and ECS does: there is no list of all of them but DescribeServices.
    if (references.length === 0) throw invalidParameter('TaskSets cannot be empty.')
    const ids = [...new Set(references.map(reference => taskSetIdOf(service, reference)))]
    const tags = request.include?.includes('TAGS') ?? false
    const found = ids.map(id => findTaskSet(store, service, id))
    return {
      taskSets: found.flatMap(row => (row ? taskSetResponse(store, service, row, { tags }) : [])),
      failures: ids
        .filter((_, index) => found[index] === undefined)
        .map(id => ({
          arn: taskSetArn(scope, lastSegment(service.clusterArn), service.name, id),
          reason: 'MISSING',
        })),
    }
  },
})
