/**
 * Services that CodeDeploy deploys. ECS makes their first task set of what CreateService says; CodeDeploy makes and deletes
 * the later ones by the operations on task sets, and moves the traffic between them itself.
 * (AWS: "CodeDeploy blue/green deployments for Amazon ECS"; LoadBalancer; CreateService, `loadBalancers`)
 */
import type { CreateServiceRequest, LoadBalancer } from '@aws-sdk/client-ecs'
import type { Call } from '../../../service.ts'
import { newTaskSet } from '../../deployment/task-sets/new-task-set.ts'
import { invalidParameter } from '../../errors.ts'
import type { ServiceRow, TaskSetRow } from '../../tables/index.ts'

/** Throws InvalidParameterException for what a service with this controller needs, or cannot have. */
export const checkCodeDeploy = ({ loadBalancers = [], volumeConfigurations }: CreateServiceRequest): void => {
  if (loadBalancers.length === 0)
    throw invalidParameter(
      'Services that use the CODE_DEPLOY deployment controller must use an Application Load Balancer or a Network Load Balancer.',
    )
  if (volumeConfigurations?.length)
    throw invalidParameter('Volume configurations are only supported with ECS deployment controller.')
  checkTaskSetBalancers(loadBalancers)
}

/** The load balancers of a task set: one target group at most, with which all of its tasks are registered. */
export const checkTaskSetBalancers = (loadBalancers: readonly LoadBalancer[]): void => {
  if (loadBalancers.length > 1)
    throw invalidParameter('Multiple target groups are only supported with ECS deployment controller.')
  for (const { targetGroupArn, advancedConfiguration } of loadBalancers) {
    if (!targetGroupArn)
      throw invalidParameter(
        'Task sets need the target group of an Application Load Balancer or a Network Load Balancer.',
      )
    if (advancedConfiguration)
      throw invalidParameter('advancedConfiguration is only supported with ECS deployment controller.')
  }
}

/** What the service was created with, primary and at its full scale. */
export const firstTaskSet = (
  service: ServiceRow,
  launchType: TaskSetRow['launchType'],
  call: Pick<Call, 'now' | 'randomHex'>,
): TaskSetRow => ({
  ...newTaskSet(
    {
      serviceArn: service.id,
      clusterArn: service.clusterArn,
      taskDefinitionArn: service.taskDefinitionArn,
      launchType,
      networkConfiguration: service.networkConfiguration,
      platform: service.platform,
      loadBalancers: service.loadBalancers,
      scale: { value: 100, unit: 'PERCENT' },
      tags: [],
    },
    call,
  ),
  id: service.primaryDeploymentId,
  status: 'PRIMARY',
})
