import type { ServiceRow, TaskSetRow } from '../../tables/index.ts'

/** A service shows what its primary task set is made of. (AWS: "Deploy Amazon ECS services using a third-party controller") */
export const withPrimaryTaskSet = (service: ServiceRow, taskSet: TaskSetRow): ServiceRow => ({
  ...service,
  primaryDeploymentId: taskSet.id,
  taskDefinitionArn: taskSet.taskDefinitionArn,
  launchType: taskSet.launchType,
  networkConfiguration: taskSet.networkConfiguration,
  platform: taskSet.platform,
  volumeConfigurations: taskSet.volumeConfigurations,
  loadBalancers: taskSet.loadBalancers,
})

export const withoutPrimaryTaskSet = (service: ServiceRow): ServiceRow => ({
  ...service,
  primaryDeploymentId: '',
  taskDefinitionArn: '',
  launchType: undefined,
  networkConfiguration: undefined,
  platform: undefined,
  volumeConfigurations: undefined,
  loadBalancers: undefined,
})
