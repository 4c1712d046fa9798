/** Pausing services: their tasks are stopped, and what AWS's clients see of them stays. (docs/pausing.md) */
import type {
  ListPausedServicesRequest,
  ListPausedServicesResponse,
  PausedService,
  PauseServiceResponse,
  ServiceRequest,
} from '@berth/client'
import type { Transaction } from '../../../store/view.ts'
import {
  activeCluster,
  activeService,
  checkPausable,
  clusterResource,
  openPage,
  paused,
  pausedService,
  resourceInCluster,
  resumed,
  resumedService,
  type ServiceRow,
  serviceEvent,
  serviceEvents,
  services,
} from '../../ecs/index.ts'
import { type Call, operation } from '../../service.ts'
import { timestamp } from '../../timestamp.ts'

const resources = ({ cluster, service }: ServiceRequest, { scope }: Call): readonly string[] => [
  resourceInCluster(scope, 'service', cluster, service),
]

/** What was so already is so again, and says nothing. */
const change = (
  { cluster: reference, service }: ServiceRequest,
  { store, scope, now, randomHex }: Call,
  of: (before: ServiceRow, tx: Transaction) => ServiceRow,
  event: string,
): PauseServiceResponse =>
  store.update(tx => {
    const cluster = activeCluster(tx, scope, reference)
    const before = activeService(tx, cluster, service ?? '')
    const after = of(before, tx)
    if (after !== before) {
      tx.put(services, after)
      tx.append(serviceEvents, serviceEvent(after, event, now, randomHex(16)))
    }
    return { service: pausedResponse(after) }
  })

const pausedResponse = (row: ServiceRow): PausedService => ({
  serviceArn: row.id,
  serviceName: row.name,
  clusterArn: row.clusterArn,
  desiredCount: row.desiredCount,
  pausedAt: timestamp(row.paused?.at),
  pausedBy: row.paused?.by,
})

const pauseService = operation<ServiceRequest, PauseServiceResponse>({
  name: 'PauseService',
  effect: 'frees',
  resources,
  handle: (request, call) =>
    change(
      request,
      call,
      (before, tx) => {
        checkPausable(tx, before)
        return pausedService(before, call.identity.arn, call.now)
      },
      paused,
    ),
})

const resumeService = operation<ServiceRequest, PauseServiceResponse>({
  name: 'ResumeService',
  effect: 'writes',
  resources,
  handle: (request, call) => change(request, call, resumedService, resumed),
})

const listPausedServices = operation<ListPausedServicesRequest, ListPausedServicesResponse>({
  name: 'ListPausedServices',
  effect: 'reads',
  resources: ({ cluster }, { scope }) => [clusterResource(scope, cluster)],
  handle: (request, { store, scope }) => {
    const cluster = activeCluster(store, scope, request.cluster)
    const page = openPage(`ListPausedServices|${cluster.id}`, request)
    const { items, nextToken } = page.take(
      store.where(services, 'paused', cluster.id, page.after),
      ({ id }) => id,
    )
    return { services: items.map(pausedResponse), nextToken }
  },
})

export const pauseOperations = [pauseService, resumeService, listPausedServices]
