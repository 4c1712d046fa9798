import type { UpdateClusterRequest, UpdateClusterResponse } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { clusterToChange } from '../../references.ts'
import { clusterResource } from '../../resource-arns.ts'
import { clusterResponse, everyClusterField } from '../../responses/cluster.ts'
import { type ClusterRow, clusters } from '../../tables/index.ts'
import { checkConfiguration, serviceConnectDefaultsOf, settingsOf } from './cluster-specification.ts'

/** Changes what the request says, and leaves the rest. */
export const updateCluster = operation<UpdateClusterRequest, UpdateClusterResponse>({
  name: 'UpdateCluster',
  effect: 'writes',
  resources: (input, call) => [clusterResource(call.scope, input.cluster)],
  handle: (input, call) => {
    checkConfiguration(input.configuration)
    const row = call.store.update(tx => {
      const old = clusterToChange(tx, call.scope, input.cluster)
      const changed: ClusterRow = {
        ...old,
        ...(input.settings && { settings: settingsOf(input.settings, call) }),
        ...(input.configuration && { configuration: input.configuration }),
        ...(input.serviceConnectDefaults && {
          serviceConnectDefaults: serviceConnectDefaultsOf(input.serviceConnectDefaults),
        }),
      }
      tx.put(clusters, changed)
      return changed
    })
    return { cluster: clusterResponse(call.store, row, everyClusterField) }
  },
})
