import type { UpdateClusterSettingsRequest, UpdateClusterSettingsResponse } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { clusterToChange } from '../../references.ts'
import { clusterResource } from '../../resource-arns.ts'
import { clusterResponse, everyClusterField } from '../../responses/cluster.ts'
import { clusters } from '../../tables/index.ts'
import { settingsOf } from './cluster-specification.ts'

export const updateClusterSettings = operation<UpdateClusterSettingsRequest, UpdateClusterSettingsResponse>({
  name: 'UpdateClusterSettings',
  effect: 'writes',
  resources: (input, call) => [clusterResource(call.scope, input.cluster)],
  handle: (input, call) => {
    if (!input.settings?.length) throw invalidParameter('settings should not be null or empty.')
    const settings = settingsOf(input.settings, call)
    const row = call.store.update(tx => {
      const changed = { ...clusterToChange(tx, call.scope, input.cluster), settings }
      tx.put(clusters, changed)
      return changed
    })
    return { cluster: clusterResponse(call.store, row, everyClusterField) }
  },
})
