import type { DescribeTasksRequest, DescribeTasksResponse, Failure, Task } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { activeCluster, taskArnOf } from '../../references.ts'
import { resourceInCluster } from '../../resource-arns.ts'
import { taskResponse } from '../../responses/task.ts'
import { tasks } from '../../tables/index.ts'

/** In the order of the request; tasks are there until they have been STOPPED for an hour. */
export const describeTasks = operation<DescribeTasksRequest, DescribeTasksResponse>({
  name: 'DescribeTasks',
  effect: 'reads',
  resources: ({ cluster, tasks: references = [] }, { scope }) =>
    references.map(reference => resourceInCluster(scope, 'task', cluster, reference)),
  handle: (request, { store, scope }) => {
    const references = request.tasks ?? []
    if (references.length === 0) throw invalidParameter('Tasks cannot be empty.')
    if (references.length > 100) throw invalidParameter('Tasks can have at most 100 items.')
    const cluster = activeCluster(store, scope, request.cluster)
    const show = { tags: request.include?.includes('TAGS') ?? false }
    const found: Task[] = []
    const failures: Failure[] = []
    for (const reference of references) {
      const arn = taskArnOf(cluster, reference)
      const task = store.get(tasks, arn)
      if (task) found.push(taskResponse(store, task, show))
      else failures.push({ arn, reason: 'MISSING' })
    }
    return { tasks: found, failures }
  },
})
