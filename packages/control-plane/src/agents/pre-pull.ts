/** Which hosts are told to pull the images of a new deployment, or of a new task set, before its tasks come. */
import { registryOf } from '@berth/model'
import type { Cohort } from '../services/ecs/deployment/cohort.ts'
import { placementRequestOf } from '../services/ecs/deployment/launch-tasks.ts'
import { place } from '../services/ecs/placement/place.ts'
import {
  deployments,
  type ServiceRow,
  services,
  type TaskDefinitionRow,
  type TaskSetRow,
  taskDefinitions,
  taskSets,
  tasks,
} from '../services/ecs/tables/index.ts'
import type { Change, View } from '../store/view.ts'

/** More hosts at once would be a burden for the registry. */
const hostsAtMost = 20

export interface PrePull {
  readonly images: readonly string[]
  readonly containerInstanceArns: readonly string[]
}

const nothing: PrePull = { images: [], containerInstanceArns: [] }

/** What begins when its row does, by the table: a task set that was a deployment has begun before. */
export const beginsCohort = ({ table, before, after }: Change): boolean => {
  if (before !== undefined || after === undefined) return false
  return (
    table.name === deployments.name || (table.name === taskSets.name && !(after as TaskSetRow).wasDeployment)
  )
}

/**
 * The hosts that would get tasks if they were placed now, then those that run others of the service. `id` is a deployment's
 * or a task set's.
 */
export const prePullOf = (view: View, id: string): PrePull => {
  const { cohort, service, wanted } = begun(view, id) ?? {}
  const definition = cohort && view.get(taskDefinitions, cohort.taskDefinitionArn)
  if (!cohort || !service || !definition || !wanted) return nothing
  const images = imagesOf(definition)
  if (images.length === 0) return nothing
  const request = placementRequestOf(view, service, cohort, definition, id)
  const chosen = place(view, request, Math.min(wanted, hostsAtMost)).choices
  const present = view.total(tasks, 'instancesByGroup', `${service.clusterArn}|${request.group}`)
  const arns = new Set([...chosen.map(({ instance }) => instance.id), ...(present?.keys() ?? [])])
  return { images, containerInstanceArns: [...arns].slice(0, hostsAtMost) }
}

interface Begun {
  readonly cohort: Cohort
  readonly service: ServiceRow
  /** How many tasks are to come. */
  readonly wanted: number
}

/** Whatever the scale of a new task set is, it is there to take over the whole service. */
const begun = (view: View, id: string): Begun | undefined => {
  const deployment = view.get(deployments, id)
  const cohort = deployment ?? view.get(taskSets, id)
  const service = cohort && view.get(services, cohort.serviceArn)
  return service && { cohort, service, wanted: deployment?.desiredCount ?? service.desiredCount }
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
