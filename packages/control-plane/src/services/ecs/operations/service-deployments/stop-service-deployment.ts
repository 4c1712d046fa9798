import type { StopServiceDeploymentRequest, StopServiceDeploymentResponse } from '@aws-sdk/client-ecs'
import type { Transaction } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { conflict, serviceDeploymentNotFound } from '../../errors.ts'
import { serviceArnOfPart } from '../../references.ts'
import {
  endedServiceDeployments,
  hasEnded,
  type ServiceDeploymentRow,
  serviceDeployments,
} from '../../tables/index.ts'
import { pastRecordsById } from './past-records.ts'

/** Rolls back also where no rollback is configured. (AWS: "Stopping Amazon ECS service deployments") */
export const stopServiceDeployment = operation<StopServiceDeploymentRequest, StopServiceDeploymentResponse>({
  name: 'StopServiceDeployment',
  effect: 'writes',
  resources: ({ serviceDeploymentArn = '' }) => [serviceDeploymentArn],
  handle: async (request, call) => {
    const arn = request.serviceDeploymentArn ?? ''
    const serviceArn = serviceArnOfPart(call.store, call.scope, 'service-deployment', arn)
    const isThere = call.store.update(tx => requestStop(tx, request, call))
    if (!isThere) await refusePast(call, serviceArn, arn)
    return { serviceDeploymentArn: arn }
  },
})

/** False where it is history, or has never been. */
const requestStop = (tx: Transaction, request: StopServiceDeploymentRequest, { now }: Call): boolean => {
  const row = tx.get(serviceDeployments, request.serviceDeploymentArn ?? '')
  if (row === undefined) return false
  if (hasEnded(row)) throw ended(row)
  // What stops or is rolled back already goes on.
  if (row.status !== 'PENDING' && row.status !== 'IN_PROGRESS') return true
  const status = request.stopType === 'ABORT' ? 'STOP_REQUESTED' : 'ROLLBACK_REQUESTED'
  tx.put(serviceDeployments, { ...row, status, startedAt: row.startedAt ?? now, updatedAt: now })
  return true
}

const refusePast = async ({ store }: Call, serviceArn: string, arn: string): Promise<never> => {
  const past = await pastRecordsById(store.history, endedServiceDeployments, serviceArn, new Set([arn]))
  const row = past.get(arn)
  throw row ? ended(row) : serviceDeploymentNotFound()
}

const ended = ({ id, status }: Pick<ServiceDeploymentRow, 'id' | 'status'>): Error =>
  conflict(`The service deployment has ended as ${status} and cannot be stopped.`, [id])
