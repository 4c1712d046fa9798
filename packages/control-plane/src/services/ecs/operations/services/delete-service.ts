import type { DeleteServiceRequest, DeleteServiceResponse } from '@aws-sdk/client-ecs'
import type { Transaction } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { drainingTaskSet } from '../../deployment/task-sets/draining-task-set.ts'
import { taskSetsOf } from '../../deployment/task-sets/task-set-draft.ts'
import { invalidParameter, serviceNotFound } from '../../errors.ts'
import { activeCluster, findService } from '../../references.ts'
import { resourceInCluster } from '../../resource-arns.ts'
import { deployments, type ServiceRow, services, taskSets } from '../../tables/index.ts'
import { changedService } from './changed-service.ts'

/** The service is DRAINING until its last task is STOPPED, then INACTIVE. */
export const deleteService = operation<DeleteServiceRequest, DeleteServiceResponse>({
  name: 'DeleteService',
  effect: 'frees',
  resources: ({ cluster, service }, { scope }) => [resourceInCluster(scope, 'service', cluster, service)],
  handle: (request, call) => changedService(call, tx => drain(tx, request, call)),
})

const drain = (tx: Transaction, request: DeleteServiceRequest, call: Call): ServiceRow => {
  const cluster = activeCluster(tx, call.scope, request.cluster)
  const service = findService(tx, cluster, request.service ?? '')
  if (!service || service.status === 'INACTIVE') throw serviceNotFound()
  if (service.status === 'DRAINING') return service
  // Nobody can scale a daemon to zero. (AWS: DeleteService, `force`)
  const isScaled = service.schedulingStrategy === 'REPLICA' && service.desiredCount > 0
  if (isScaled && !request.force)
    throw invalidParameter('The service cannot be stopped while it is scaled above 0.')
  const primary = tx.get(deployments, service.primaryDeploymentId)
  if (primary && primary.desiredCount !== 0)
    tx.put(deployments, { ...primary, desiredCount: 0, updatedAt: call.now })
  const draining: ServiceRow = {
    ...service,
    status: 'DRAINING',
    desiredCount: 0,
    steadyAt: undefined,
    placementFailure: undefined,
  }
  tx.put(services, draining)
  for (const taskSet of taskSetsOf(tx, service.id))
    if (taskSet.status !== 'DRAINING') tx.put(taskSets, drainingTaskSet(taskSet, call.now))
  return draining
}
