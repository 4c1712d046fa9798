import type {
  ContainerInstance,
  DescribeContainerInstancesRequest,
  DescribeContainerInstancesResponse,
  Failure,
} from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { activeCluster, containerInstanceArnOf } from '../../references.ts'
import { resourceInCluster } from '../../resource-arns.ts'
import { containerInstanceResponse } from '../../responses/container-instance.ts'
import { containerInstances } from '../../tables/index.ts'

/** In the order of the request; deregistered instances stay describable. */
export const describeContainerInstances = operation<
  DescribeContainerInstancesRequest,
  DescribeContainerInstancesResponse
>({
  name: 'DescribeContainerInstances',
  effect: 'reads',
  resources: ({ cluster, containerInstances: references = [] }, { scope }) =>
    references.map(reference => resourceInCluster(scope, 'container-instance', cluster, reference)),
  handle: (request, { store, scope }) => {
    const references = request.containerInstances ?? []
    if (references.length === 0) throw invalidParameter('Container instances cannot be empty.')
    if (references.length > 100) throw invalidParameter('Container instances can have at most 100 items.')
    const cluster = activeCluster(store, scope, request.cluster)
    const fields = {
      tags: request.include?.includes('TAGS') ?? false,
      health: request.include?.includes('CONTAINER_INSTANCE_HEALTH') ?? false,
    }
    const found: ContainerInstance[] = []
    const failures: Failure[] = []
    for (const reference of references) {
      const arn = containerInstanceArnOf(cluster, reference)
      const row = store.get(containerInstances, arn)
      if (row) found.push(containerInstanceResponse(store, row, fields))
      else failures.push({ arn, reason: 'MISSING' })
    }
    return { containerInstances: found, failures }
  },
})
