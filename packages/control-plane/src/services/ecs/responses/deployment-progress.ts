import type {
  DeploymentLifecycleHookDetail,
  ServiceDeployment,
  ServiceDeploymentLifecycleStage,
  ServiceRevisionSummary,
} from '@aws-sdk/client-ecs'
import { timestamp } from '../../timestamp.ts'
import type { HookRun } from '../deployment/hooks/hook-run.ts'
import type { Traffic } from '../deployment/strategies/stages.ts'
import type { ServiceDeploymentRow } from '../tables/index.ts'

/** Of a deployment with life-cycle stages: in which it is, and its hooks. (AWS: ServiceDeployment) */
export const progressResponse = ({
  progress,
}: ServiceDeploymentRow): Pick<ServiceDeployment, 'lifecycleStage' | 'lifecycleHookDetails'> =>
  progress
    ? {
        // The published enumeration lacks PRE_PRODUCTION_TRAFFIC_SHIFT, which its description has.
        lifecycleStage: progress.stage as ServiceDeploymentLifecycleStage,
        lifecycleHookDetails: progress.hooks.map(hookDetail),
      }
    : {}

const hookDetail = (run: HookRun): DeploymentLifecycleHookDetail => ({
  hookId: run.hookId,
  targetType: run.targetType,
  targetArn: run.targetArn,
  status: run.status,
  expiresAt: timestamp(run.expiresAt),
  timeoutAction: run.timeoutAction,
})

/** What was asked for of the traffic, in per cent; none where nobody directs it. (AWS: ServiceRevisionSummary) */
export const weightsResponse = (
  row: ServiceDeploymentRow,
  deploymentId: string,
): Pick<ServiceRevisionSummary, 'requestedTestTrafficWeight' | 'requestedProductionTrafficWeight'> => {
  const test = weightOf(row, deploymentId, 'test')
  const production = weightOf(row, deploymentId, 'production')
  return {
    ...(test === undefined ? {} : { requestedTestTrafficWeight: test }),
    ...(production === undefined ? {} : { requestedProductionTrafficWeight: production }),
  }
}

const weightOf = (
  { progress, targetDeploymentId }: ServiceDeploymentRow,
  deploymentId: string,
  traffic: Traffic,
): number | undefined => {
  if (progress === undefined || progress.shifts === 0) return undefined
  const share = progress.shift?.traffic === traffic ? progress.shift.share : progress.shares[traffic]
  if (share === undefined) return undefined
  if (deploymentId === targetDeploymentId) return share / 10
  return deploymentId === progress.sourceDeploymentId ? (1000 - share) / 10 : 0
}
