/**
 * Gives a deployment up, and returns the service to the last one that completed. "Amazon ECS doesn't create a new service
 * revision for a rollback operation." (AWS: "Amazon ECS service revisions")
 */
import {
  type DeploymentRow,
  hasEnded,
  revisionArnOf,
  type ServiceRow,
  taskDefinitions,
} from '../../tables/index.ts'
import { isOpen } from '../hooks/hook-run.ts'
import { newDeployment } from '../new-deployment.ts'
import type { ServiceDraft } from '../service-draft.ts'
import { rollingBack } from '../service-events.ts'
import { concludeServiceDeployment } from './conclusion.ts'

export interface Failure {
  /** The rollout state reason of the deployment that is given up. */
  readonly rolloutReason: string
  /** What the service says of it, after `(deployment ID) deployment failed: `. */
  readonly event: string
  /** Who gives it up: how the rollout state reason of what it is rolled back to begins. */
  readonly by: string
  /** Why the service deployment is rolled back, or stopped where it is not. */
  readonly reason: { readonly rolledBack: string; readonly stopped: string }
}

export const noCandidate = 'No rollback candidate was found to run the rollback.'

/** The deployment launches no more tasks; those that it has run on. */
const giveUp = (draft: ServiceDraft, primary: DeploymentRow, failure: Failure): void => {
  draft.replace({
    ...primary,
    rolloutState: 'FAILED',
    rolloutStateReason: failure.rolloutReason,
    updatedAt: draft.now,
  })
  draft.say(`(deployment ${primary.id}) deployment failed: ${failure.event}`)
}

/** Gives the primary deployment up where it is. */
export const stopDeployment = (draft: ServiceDraft, failure: Failure): void => {
  const { primary } = draft
  if (primary === undefined) return
  giveUp(draft, primary, failure)
  const { rollback } = draft.serviceDeployment ?? {}
  concludeServiceDeployment(
    draft,
    rollback ? 'ROLLBACK_FAILED' : 'STOPPED',
    rollback ? undefined : failure.reason.stopped,
  )
}

/** Gives the primary deployment up for the last one that completed; what fails as a roll-back has nothing better to go to. */
export const rollBack = (draft: ServiceDraft, failure: Failure): void => {
  const { primary, service } = draft
  if (primary === undefined) return
  if (primary.isRollback && primary.rolloutState === 'IN_PROGRESS') {
    stopDeployment(draft, failure)
    return
  }
  const target = candidateOf(draft)
  giveUp(draft, primary, failure)
  if (target === undefined) {
    concludeServiceDeployment(draft, 'ROLLBACK_FAILED', noCandidate)
    return
  }
  const failed = draft.standing.deploymentOf(primary.id)
  if (failed) draft.replace({ ...failed, status: 'ACTIVE' })
  restore(draft, target, failure.by)
  const row = draft.serviceDeployment
  if (row === undefined || hasEnded(row)) return
  const reason = failure.reason.rolledBack
  draft.replaceServiceDeployment({
    ...row,
    status: 'ROLLBACK_IN_PROGRESS',
    statusReason: reason,
    bakingSince: undefined,
    // Nobody waits for them any more.
    ...(row.progress && {
      progress: { ...row.progress, hooks: row.progress.hooks.filter(run => !isOpen(run)) },
    }),
    rollback: {
      reason,
      startedAt: draft.now,
      serviceRevisionArn: revisionArnOf(service.id, target.deploymentId),
    },
    updatedAt: draft.now,
  })
}

type Completed = NonNullable<ServiceRow['lastCompleted']>

/** The definition may have been deleted meanwhile, once no task had it any more. */
const candidateOf = ({ service: { lastCompleted }, view }: ServiceDraft): Completed | undefined =>
  lastCompleted && view.get(taskDefinitions, lastCompleted.taskDefinitionArn) ? lastCompleted : undefined

/** The deployment that completed is the primary one again, with the tasks that it still has. */
const restore = (draft: ServiceDraft, target: Completed, by: string): void => {
  const { deploymentId, imageDigests, usesAlternateTargetGroups, ...parts } = target
  draft.change({
    ...parts,
    steadyAt: undefined,
    placementFailure: undefined,
  })
  const before = draft.standing.deploymentOf(deploymentId)
  const fresh = newDeployment(draft.service, deploymentId, draft.now)
  draft.promote({
    ...fresh,
    ...(before && { createdAt: before.createdAt }),
    rolloutStateReason: `${by}: rolling back to deploymentId ${deploymentId}.`,
    isRollback: true,
    ...(imageDigests && { imageDigests }),
    ...(usesAlternateTargetGroups && { usesAlternateTargetGroups }),
  })
  draft.say(rollingBack(deploymentId))
}
