/** Which hosts are told to pull the images of a new deployment before its tasks come. */
import { registryOf } from '@berth/model'
import { placementRequestOf } from '../services/ecs/deployment/launch-tasks.ts'
import { place } from '../services/ecs/placement/place.ts'
import {
  deployments,
  services,
  type TaskDefinitionRow,
  taskDefinitions,
  tasks,
} from '../services/ecs/tables/index.ts'
import type { View } from '../store/view.ts'

/** More hosts at once would be a burden for the registry. */
const hostsAtMost = 20

export interface PrePull {
  readonly images: readonly string[]
  readonly containerInstanceArns: readonly string[]
}

const nothing: PrePull = { images: [], containerInstanceArns: [] }

/** The hosts that would get tasks if they were placed now, then those that run tasks of the service's older deployments. */
export const prePullOf = (view: View, deploymentId: string): PrePull => {
  const deployment = view.get(deployments, deploymentId)
  const service = deployment && view.get(services, deployment.serviceArn)
  const definition = deployment && view.get(taskDefinitions, deployment.taskDefinitionArn)
  if (!deployment || !service || !definition || deployment.desiredCount === 0) return nothing
  const images = imagesOf(definition)
  if (images.length === 0) return nothing
  const request = placementRequestOf(service, deployment, definition, deploymentId)
  const chosen = place(view, request, Math.min(deployment.desiredCount, hostsAtMost)).choices
  const present = view.total(tasks, 'instancesByGroup', `${service.clusterArn}|${request.group}`)
  const arns = new Set([...chosen.map(({ instance }) => instance.id), ...(present?.keys() ?? [])])
  return { images, containerInstanceArns: [...arns].slice(0, hostsAtMost) }
}

/**
 * Of a name without a host nobody can tell whether it is an image of Docker Hub or one that was made on its host; and a
 * task's own key of a registry comes with the task only.
 */
const imagesOf = ({ definition }: TaskDefinitionRow): readonly string[] => {
  const pullable = (definition.containerDefinitions ?? []).filter(
    ({ image = '', repositoryCredentials }) =>
      !repositoryCredentials && image.startsWith(`${registryOf(image)}/`),
  )
  return [...new Set(pullable.map(({ image = '' }) => image))]
}
