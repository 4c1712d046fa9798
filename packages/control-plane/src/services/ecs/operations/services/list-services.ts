import type { ListServicesRequest, ListServicesResponse } from '@aws-sdk/client-ecs'
import type { View } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import { openPage } from '../../pagination.ts'
import { activeCluster } from '../../references.ts'
import { type ServiceRow, services } from '../../tables/index.ts'

/** ACTIVE services, in the order of their names, ten a page. */
export const listServices = operation<ListServicesRequest, ListServicesResponse>({
  name: 'ListServices',
  effect: 'reads',
  resources: () => ['*'],
  handle: (request, { store, scope }) => {
    const cluster = activeCluster(store, scope, request.cluster)
    const page = openPage(listName(cluster.id, request), request, { standard: 10 })
    const { items, ...next } = page.take(matching(store, cluster.id, request, page.after), row => row.id)
    return { serviceArns: items.map(row => row.id), ...next }
  },
})

const listName = (clusterArn: string, request: ListServicesRequest): string => {
  const { launchType, schedulingStrategy, resourceManagementType } = request
  return JSON.stringify(['ListServices', clusterArn, launchType, schedulingStrategy, resourceManagementType])
}

function* matching(
  view: View,
  clusterArn: string,
  { launchType, schedulingStrategy, resourceManagementType }: ListServicesRequest,
  after: string | undefined,
): Iterable<ServiceRow> {
  // ECS manages the services of its Express mode itself; there are none of them.
  if (resourceManagementType === 'ECS') return
  for (const row of view.where(services, 'byCluster', `${clusterArn}|ACTIVE`, after))
    if (
      (launchType === undefined || row.launchType === launchType) &&
      (schedulingStrategy === undefined || row.schedulingStrategy === schedulingStrategy)
    )
      yield row
}
