import { hasEnded } from '../../tables/index.ts'
import type { ServiceDraft } from '../service-draft.ts'
import { concludeServiceDeployment } from './conclusion.ts'
import { newServiceDeployment } from './new-service-deployment.ts'
import { type Failure, rollBack, stopDeployment } from './rollback.ts'

const serviceDeleted = 'Service deployment stopped because the service was deleted.'

/** Starts what is PENDING, and ends what a service that is deleted will not deploy any more. */
export const followServiceDeployment = (draft: ServiceDraft): void => {
  const { service, primary, now } = draft
  if (service.status !== 'ACTIVE') {
    concludeServiceDeployment(draft, 'STOPPED', serviceDeleted)
    return
  }
  const row = draft.serviceDeployment
  if (row?.status === 'PENDING')
    draft.replaceServiceDeployment({ ...row, status: 'IN_PROGRESS', startedAt: now, updatedAt: now })
  // An earlier release began the deployment.
  if (row !== undefined || primary?.rolloutState !== 'IN_PROGRESS') return
  const sourceDeploymentIds = draft.deployments.filter(one => one !== primary).map(({ id }) => id)
  const { createdAt } = primary
  draft.replaceServiceDeployment({
    ...newServiceDeployment({ service, sourceDeploymentIds, now, randomHex: draft.randomHex }),
    status: 'IN_PROGRESS',
    createdAt,
    startedAt: createdAt,
  })
}

const requested: Failure = {
  rolloutReason: 'ECS deployment stopped by request.',
  event: 'stopped by request.',
  by: 'ECS deployment',
  reason: {
    rolledBack: 'Service deployment rolled back because StopServiceDeployment was called.',
    stopped: 'Service deployment stopped because StopServiceDeployment was called.',
  },
}

/** (AWS: "Stopping Amazon ECS service deployments") */
export const heedStopRequest = (draft: ServiceDraft): void => {
  const row = draft.serviceDeployment
  if (row === undefined || hasEnded(row)) return
  if (row.status === 'ROLLBACK_REQUESTED') rollBack(draft, requested)
  if (row.status === 'STOP_REQUESTED') stopDeployment(draft, requested)
}
