/** How far a deployment is, from what DescribeServices says of its service. */
import type { Deployment, Service } from '@aws-sdk/client-ecs'

export interface DeploymentProgress {
  readonly outcome: 'under way' | 'completed' | 'failed'
  readonly words: string
}

/** A deployment that is gone before it was seen to complete was rolled back, or overtaken by another one. */
export const deploymentProgress = (service: Service, deploymentId: string): DeploymentProgress => {
  const { deployments = [] } = service
  const own = deployments.find(({ id }) => id === deploymentId)
  const primary = deployments.find(({ status }) => status === 'PRIMARY')
  if (own?.rolloutState === 'FAILED') return { outcome: 'failed', words: failureOf(own, primary) }
  if (own?.status !== 'PRIMARY') {
    const by = primary?.id === undefined ? '' : ` by ${primary.id}`
    const reason = primary?.rolloutStateReason ? ` (${primary.rolloutStateReason})` : ''
    return { outcome: 'failed', words: `The deployment was replaced${by} before it completed.${reason}` }
  }
  if (own.rolloutState === 'COMPLETED')
    return { outcome: 'completed', words: `The deployment completed: ${own.runningCount} tasks run.` }
  return { outcome: 'under way', words: countsOf(own, deployments) }
}

const failureOf = (own: Deployment, primary: Deployment | undefined): string => {
  const reason = own.rolloutStateReason ?? 'The deployment failed.'
  return primary === undefined || primary.id === own.id
    ? reason
    : `${reason} ${primary.rolloutStateReason ?? `The service goes back to ${primary.taskDefinition}.`}`
}

const countsOf = (own: Deployment, deployments: readonly Deployment[]): string => {
  const others = deployments.filter(({ id }) => id !== own.id)
  const old = others.reduce(
    (sum, { runningCount = 0, pendingCount = 0 }) => sum + runningCount + pendingCount,
    0,
  )
  const parts = [`${own.runningCount} of ${own.desiredCount} run`]
  if (own.pendingCount) parts.push(`${own.pendingCount} start`)
  if (own.failedTasks) parts.push(`${own.failedTasks} failed`)
  if (old > 0) parts.push(`${old} of earlier deployments are left`)
  return parts.join(', ')
}
