import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs'
import type { Millis } from '../../../../store/table.ts'
import type { ServiceDeploymentRow } from '../../tables/index.ts'
import { isOpen } from '../hooks/hook-run.ts'
import { configurationOf } from './configuration.ts'
import { breakerStateOf, revisionCountsOf, type Standing } from './standing.ts'

export type EndedStatus = Extract<
  ServiceDeploymentStatus,
  'SUCCESSFUL' | 'STOPPED' | 'ROLLBACK_SUCCESSFUL' | 'ROLLBACK_FAILED'
>

export interface End {
  readonly status: EndedStatus
  /** What it says of itself already stays where there is none. */
  readonly reason?: string | undefined
  readonly now: Millis
}

/**
 * The service deployment as it is from now on. "After the deployment completes, the task counts are a snapshot from when
 * the deployment completed." (AWS: "Complete Amazon ECS rolling deployments early with early success criteria")
 */
export const endedAs = (
  row: ServiceDeploymentRow,
  standing: Standing,
  { status, reason, now }: End,
): ServiceDeploymentRow => {
  const { sourceDeploymentIds, targetDeploymentId, alarms, progress } = row
  const { deploymentOf, countsOf } = standing
  const counts = [...sourceDeploymentIds, targetDeploymentId].map(
    id => [id, revisionCountsOf(deploymentOf(id), countsOf(id))] as const,
  )
  return {
    ...row,
    status,
    statusReason: reason ?? row.statusReason,
    deploymentConfiguration: configurationOf(row, standing.service),
    ...(status === 'STOPPED' ? { stoppedAt: now } : {}),
    finishedAt: now,
    updatedAt: now,
    counts: Object.fromEntries(counts),
    circuitBreaker: breakerStateOf(row, standing, 'MONITORING_COMPLETE'),
    // Nobody waits for a hook any more.
    ...(progress && { progress: { ...progress, hooks: progress.hooks.filter(run => !isOpen(run)) } }),
    ...(alarms?.status === 'MONITORING' ? { alarms: { ...alarms, status: 'MONITORING_COMPLETE' } } : {}),
  }
}
