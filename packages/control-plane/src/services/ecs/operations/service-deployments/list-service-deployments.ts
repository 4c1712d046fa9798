import type { ListServiceDeploymentsRequest, ListServiceDeploymentsResponse } from '@aws-sdk/client-ecs'
import { writeListToken } from '../../../list-token.ts'
import { type Call, operation } from '../../../service.ts'
import { latestServiceDeployment } from '../../deployment/service-deployments/new-service-deployment.ts'
import { invalidParameter, serviceNotFound } from '../../errors.ts'
import { openPage } from '../../pagination.ts'
import { findCluster, findService } from '../../references.ts'
import { resourceInCluster } from '../../resource-arns.ts'
import { serviceDeploymentBrief } from '../../responses/service-deployment.ts'
import { endedServiceDeployments, type ServiceDeploymentRow, type ServiceRow } from '../../tables/index.ts'

const standardPage = 20
const longestPage = 100
/** So many records are looked at for a page, at most: one with filters may be short, and have a token. */
const mostRecordsSeen = 1_000

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
    const { after } = openPage(list, request, { standard: standardPage, maximum: longestPage })
    const size = request.maxResults ?? standardPage
    const { items, next } = await pageOf(call, service, request, { size, after: readPosition(after) })
    return {
      serviceDeployments: items.map(serviceDeploymentBrief),
      ...(next && { nextToken: writeListToken(list, positionText(next)) }),
    }
  },
})

/** Where a page begins: behind the live one, which may be history by then; and from where in history, or from its newest record. */
interface Position {
  readonly live: string
  readonly from: string | undefined
}

interface Page {
  readonly items: readonly ServiceDeploymentRow[]
  readonly next: Position | undefined
}

const pageOf = async (
  { store }: Call,
  service: ServiceRow,
  request: ListServiceDeploymentsRequest,
  { size, after }: { readonly size: number; readonly after: Position | undefined },
): Promise<Page> => {
  const live = latestServiceDeployment(store, service.id)
  const liveId = after?.live ?? live?.id ?? ''
  const items = after === undefined && live && matches(live, request) ? [live] : []
  let from = after?.from
  for (let seen = 0; seen < mostRecordsSeen; ) {
    const isFull = items.length >= size
    // One more than fits says whether there is a next page.
    const limit = isFull ? 1 : size - items.length
    const page = await store.history.read(endedServiceDeployments, service.id, {
      limit,
      ...(from && { from }),
    })
    const own = page.records.filter(row => isOwn(row, service, request))
    const isEnd = own.length < page.records.length
    if (isFull) return { items, next: own.length > 0 ? { live: liveId, from } : undefined }
    items.push(...own.filter(row => row.id !== liveId && matches(row, request)))
    seen += page.records.length
    from = page.next
    if (isEnd || from === undefined) return { items, next: undefined }
  }
  return { items, next: { live: liveId, from } }
}

/** Records come newest first: behind one that is too old, or an earlier service's of the same name, there are none. */
const isOwn = (
  row: ServiceDeploymentRow,
  { createdAt }: ServiceRow,
  { createdAt: { after } = {} }: ListServiceDeploymentsRequest,
): boolean => row.serviceCreatedAt === createdAt && (after === undefined || row.createdAt > after.getTime())

const matches = (
  row: ServiceDeploymentRow,
  { status, createdAt: { after, before } = {} }: ListServiceDeploymentsRequest,
): boolean =>
  (!status?.length || status.includes(row.status)) &&
  (after === undefined || row.createdAt > after.getTime()) &&
  (before === undefined || row.createdAt < before.getTime())

const positionText = ({ live, from = '' }: Position): string => `${from}|${live}`

/** Throws InvalidParameterException. */
const readPosition = (text: string | undefined): Position | undefined => {
  if (text === undefined) return undefined
  const [, from, live] = /^(\d*)\|(.*)$/.exec(text) ?? []
  if (live === undefined) throw invalidParameter('Invalid nextToken.')
  return { live, from: from || undefined }
}
