import type { DeleteClusterRequest, DeleteClusterResponse } from '@aws-sdk/client-ecs'
import type { View } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import {
  clusterContainsContainerInstances,
  clusterContainsServices,
  clusterContainsTasks,
} from '../../errors.ts'
import { clusterToChange } from '../../references.ts'
import { clusterResource } from '../../resource-arns.ts'
import { clusterResponse, everyClusterField, registeredInstances } from '../../responses/cluster.ts'
import { type ClusterRow, clusters, services, tasks } from '../../tables/index.ts'

/** An empty cluster becomes INACTIVE: it stays describable, and its name is free again. */
export const deleteCluster = operation<DeleteClusterRequest, DeleteClusterResponse>({
  name: 'DeleteCluster',
  effect: 'frees',
  resources: (input, call) => [clusterResource(call.scope, input.cluster)],
  handle: (input, call) => {
    const row = call.store.update(tx => {
      const cluster = clusterToChange(tx, call.scope, input.cluster)
      checkEmpty(tx, cluster)
      const deleted: ClusterRow = { ...cluster, status: 'INACTIVE' }
      tx.put(clusters, deleted)
      return deleted
    })
    return { cluster: clusterResponse(call.store, row, everyClusterField) }
  },
})

const checkEmpty = (view: View, cluster: ClusterRow): void => {
  const living = (status: string) => view.count(services, 'byCluster', `${cluster.id}|${status}`)
  if (living('ACTIVE') + living('DRAINING') > 0) throw clusterContainsServices()
  if (registeredInstances(view, cluster) > 0) throw clusterContainsContainerInstances()
  if (view.total(tasks, 'countsByCluster', cluster.id)) throw clusterContainsTasks()
}
