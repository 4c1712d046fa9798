import { hasEnded } from '../../tables/index.ts'
import type { ServiceDraft } from '../service-draft.ts'
import { type EndedStatus, endedAs } from './ended-service-deployment.ts'

/** Ends the service deployment that is under way, if one is. */
export const concludeServiceDeployment = (
  draft: ServiceDraft,
  status: EndedStatus,
  reason?: string,
): void => {
  const row = draft.serviceDeployment
  if (row === undefined || hasEnded(row)) return
  draft.replaceServiceDeployment(endedAs(row, draft.standing, { status, reason, now: draft.now }))
}

/** Its target, or what it is rolled back to, is deployed. */
export const concludeSuccessfully = (draft: ServiceDraft): void =>
  concludeServiceDeployment(draft, draft.serviceDeployment?.rollback ? 'ROLLBACK_SUCCESSFUL' : 'SUCCESSFUL')
