import type { ListServiceDeploymentsRequest, ListServiceDeploymentsResponse } from '@aws-sdk/client-ecs'
import { type Call, operation } from '../../../service.ts'
import { serviceNotFound } from '../../errors.ts'
import { openPage } from '../../pagination.ts'
import { findCluster, findService } from '../../references.ts'
import { resourceInCluster } from '../../resource-arns.ts'
import { serviceDeploymentBrief } from '../../responses/service-deployment.ts'
import {
  endedServiceDeployments,
  type ServiceDeploymentRow,
  type ServiceRow,
  serviceDeployments,
} from '../../tables/index.ts'
import { pastRecords } from './past-records.ts'

/** As far back as history is kept, newest first, twenty a page. */
export const listServiceDeployments = operation<
  ListServiceDeploymentsRequest,
  ListServiceDeploymentsResponse
>({
  name: 'ListServiceDeployments',
  effect: 'reads',
  resources: ({ cluster, service }, { scope }) => [resourceInCluster(scope, 'service', cluster, service)],
  handle: async (request, call) => {
    const cluster = findCluster(call.store, call.scope, request.cluster)
    const service = findService(call.store, cluster, request.service ?? '')
    if (service === undefined) throw serviceNotFound()
    const { nextToken: _, maxResults: __, ...filters } = request
    const list = JSON.stringify(['ListServiceDeployments', service.id, filters])
    const page = openPage(list, request, { standard: 20 })
    const rows = (await shownOf(call, service)).filter(row => matches(row, request))
    const { after } = page
    const rest = after === undefined ? rows : rows.filter(row => orderOf(row) < after)
    const { items, ...next } = page.take(rest, orderOf)
    return { serviceDeployments: items.map(serviceDeploymentBrief), ...next }
  },
})

/** Those of an earlier service of this name are not its own. */
const shownOf = async (
  { store }: Call,
  { id, createdAt }: ServiceRow,
): Promise<readonly ServiceDeploymentRow[]> => {
  const rows = new Map([...store.where(serviceDeployments, 'byService', id)].map(row => [row.id, row]))
  for await (const row of pastRecords(store.history, endedServiceDeployments, id))
    if (!rows.has(row.id)) rows.set(row.id, row)
  return [...rows.values()]
    .filter(row => row.serviceCreatedAt === createdAt)
    .sort((a, b) => (orderOf(a) < orderOf(b) ? 1 : -1))
}

const digits = 16

const orderOf = ({ createdAt, id }: ServiceDeploymentRow): string =>
  `${String(createdAt).padStart(digits, '0')}|${id}`

const matches = (
  row: ServiceDeploymentRow,
  { status, createdAt: { after, before } = {} }: ListServiceDeploymentsRequest,
): boolean =>
  (!status?.length || status.includes(row.status)) &&
  (after === undefined || row.createdAt > after.getTime()) &&
  (before === undefined || row.createdAt < before.getTime())
