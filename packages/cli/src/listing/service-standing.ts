import type { Service } from '@aws-sdk/client-ecs'

export interface ServiceStanding {
  /** How many tasks are to run now. */
  readonly wanted: number
  /** Deployments, or task sets where another controller than ECS deploys. */
  readonly deployments: number
  /** Nothing is under way, and nothing is missing. */
  readonly isSteady: boolean
}

/** What DescribeServices says of a service, in short. A service that was ECS's once shows its task set as a deployment. */
export const standingOf = (service: Service): ServiceStanding => {
  const { deployments = [], taskSets = [], desiredCount = 0, runningCount = 0 } = service
  const controller = service.deploymentController?.type ?? 'ECS'
  const count = deployments.length + taskSets.length
  if (taskSets.length === 0) {
    const isWhole = count === 1 || controller !== 'ECS'
    return {
      wanted: desiredCount,
      deployments: count,
      isSteady: isWhole && runningCount === desiredCount,
    }
  }
  const ofFormer = deployments.reduce((sum, deployment) => sum + (deployment.desiredCount ?? 0), 0)
  const wanted = taskSets.reduce((sum, set) => sum + (set.computedDesiredCount ?? 0), ofFormer)
  const areSteady = taskSets.every(({ stabilityStatus }) => stabilityStatus === 'STEADY_STATE')
  return { wanted, deployments: count, isSteady: areSteady && runningCount === wanted }
}
