/** In which life-cycle stage a deployment is, and what it waits for there, from what DescribeServiceDeployments says. */
import type { ServiceDeployment } from '@aws-sdk/client-ecs'

/** Undefined: the deployment has no stages, or is over. */
export const stageWords = (deployment: ServiceDeployment | undefined): string | undefined => {
  const { status, lifecycleStage, lifecycleHookDetails = [] } = deployment ?? {}
  if (lifecycleStage === undefined || (status !== 'IN_PROGRESS' && status !== 'ROLLBACK_IN_PROGRESS'))
    return undefined
  const waiting = lifecycleHookDetails.flatMap(({ status: state, hookId = '', targetArn }) => {
    if (state === 'AWAITING_ACTION') return `paused until somebody continues ${hookId}`
    return state === 'IN_PROGRESS' ? `waits for ${targetArn}` : []
  })
  const stage = status === 'IN_PROGRESS' ? lifecycleStage : `${lifecycleStage}, going back`
  return [stage, ...waiting].join(', ')
}
