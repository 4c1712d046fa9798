import type { ListClustersRequest, ListClustersResponse } from '@aws-sdk/client-ecs'
import { scopeKey } from '@berth/model'
import type { View } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import { openPage } from '../../pagination.ts'
import { type ClusterRow, clusters } from '../../tables/index.ts'

export const listClusters = operation<ListClustersRequest, ListClustersResponse>({
  name: 'ListClusters',
  effect: 'reads',
  resources: () => ['*'],
  handle: (input, { store, scope }) => {
    const key = scopeKey(scope)
    const page = openPage(`ListClusters|${key}`, input)
    const { items, ...next } = page.take(activeClusters(store, key, page.after), row => row.id)
    return { clusterArns: items.map(row => row.id), ...next }
  },
})

function* activeClusters(view: View, scope: string, after: string | undefined): Iterable<ClusterRow> {
  for (const row of view.where(clusters, 'byScope', scope, after)) if (row.status === 'ACTIVE') yield row
}
