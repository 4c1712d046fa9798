import type { ListContainerInstancesRequest, ListContainerInstancesResponse } from '@aws-sdk/client-ecs'
import type { View } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import { openPage } from '../../pagination.ts'
import { parseQuery, selectsInstance } from '../../query.ts'
import { activeCluster } from '../../references.ts'
import { clusterResource } from '../../resource-arns.ts'
import { type ClusterRow, type ContainerInstanceRow, containerInstances } from '../../tables/index.ts'

/** In the order of ids; without a status, every instance that is not INACTIVE. */
export const listContainerInstances = operation<
  ListContainerInstancesRequest,
  ListContainerInstancesResponse
>({
  name: 'ListContainerInstances',
  effect: 'reads',
  resources: ({ cluster }, { scope }) => [clusterResource(scope, cluster)],
  handle: (request, { store, scope }) => {
    const cluster = activeCluster(store, scope, request.cluster)
    const list = JSON.stringify(['ListContainerInstances', cluster.id, request.status, request.filter])
    const page = openPage(list, request)
    const filter = request.filter ? parseQuery(request.filter) : undefined
    const { items, nextToken } = page.take(
      rowsOf(store, cluster, request.status, page.after),
      instance => instance.id,
      filter && (instance => selectsInstance(filter, store, instance)),
    )
    return { containerInstanceArns: items.map(({ id }) => id), nextToken }
  },
})

function* rowsOf(
  view: View,
  cluster: ClusterRow,
  status: ListContainerInstancesRequest['status'],
  after: string | undefined,
): Generator<ContainerInstanceRow> {
  if (status !== undefined) {
    yield* view.where(containerInstances, 'byClusterAndStatus', `${cluster.id}|${status}`, after)
    return
  }
  for (const instance of view.where(containerInstances, 'byCluster', cluster.id, after))
    if (instance.status !== 'INACTIVE') yield instance
}
