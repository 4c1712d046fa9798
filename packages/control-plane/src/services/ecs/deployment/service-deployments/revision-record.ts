import type { ContainerImage } from '@aws-sdk/client-ecs'
import type { View } from '../../../../store/view.ts'
import {
  type DeploymentRow,
  revisionArnOf,
  type ServiceRevisionRecord,
  type ServiceRow,
  taskDefinitions,
} from '../../tables/index.ts'

/** What the service's revision is made of that a deployment deploys. (AWS: ServiceRevision) */
export const revisionRecordOf = (
  view: View,
  service: ServiceRow,
  deployment: DeploymentRow,
): ServiceRevisionRecord => ({
  id: revisionArnOf(service.id, deployment.id),
  serviceArn: service.id,
  serviceCreatedAt: service.createdAt,
  taskDefinitionArn: deployment.taskDefinitionArn,
  launchType: deployment.launchType,
  networkConfiguration: deployment.networkConfiguration,
  platform: deployment.platform,
  volumeConfigurations: deployment.volumeConfigurations,
  loadBalancers: deployment.loadBalancers,
  usesAlternateTargetGroups: deployment.usesAlternateTargetGroups,
  containerImages: imagesOf(view, deployment),
  createdAt: deployment.createdAt,
})

/** None where the task definition has been deleted. */
const imagesOf = (view: View, { taskDefinitionArn, imageDigests = {} }: DeploymentRow): ContainerImage[] =>
  (view.get(taskDefinitions, taskDefinitionArn)?.definition.containerDefinitions ?? []).map(
    ({ name = '', image }) => ({
      containerName: name,
      image,
      ...(imageDigests[name] === undefined ? {} : { imageDigest: imageDigests[name] }),
    }),
  )
