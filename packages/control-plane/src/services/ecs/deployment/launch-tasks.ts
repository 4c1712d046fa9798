import { unableToPlace } from '../placement/explanation.ts'
import { type PlacementRequest, place } from '../placement/place.ts'
import { requirementsOf } from '../placement/task-requirements.ts'
import { scopeOfArn } from '../references.ts'
import {
  type ClusterRow,
  clusters,
  containerInstances,
  type DeploymentRow,
  type ServiceRow,
  type TaskDefinitionRow,
  taskDefinitions,
} from '../tables/index.ts'
import { newTask, serviceGroup, tagsOfTask, volumeOfNewTask } from '../task-creation.ts'
import { hostOfSnapshot } from '../volumes/snapshot-host.ts'
import { managedVolumeOf } from '../volumes/volume-configurations.ts'
import { launchableNow } from './image-resolution.ts'
import type { ServiceDraft } from './service-draft.ts'
import { quietMs, startedTasks, taskDefinitionIsGone } from './service-events.ts'

/** Tasks placed in one plan; the others follow in the next. */
const launchedAtOnce = 25
/** A task that cannot be placed is tried again when room may have come free, and this long after in any case. */
const retryPlacementMs = 60_000

/** Starts `count` tasks of the primary deployment, or as many as find a place. */
export const launchTasks = (draft: ServiceDraft, primary: DeploymentRow, count: number): void => {
  const { placementFailure } = draft.service
  if (count === 0) {
    if (placementFailure !== undefined) draft.change({ placementFailure: undefined })
    return
  }
  const waitsUntil =
    placementFailure && !placementFailure.retry ? placementFailure.triedAt + retryPlacementMs : 0
  if (draft.now < waitsUntil) draft.wake(waitsUntil)
  else placeTasks(draft, primary, count)
}

const placeTasks = (draft: ServiceDraft, primary: DeploymentRow, count: number): void => {
  const taskDefinition = draft.view.get(taskDefinitions, primary.taskDefinitionArn)
  const cluster = draft.view.get(clusters, draft.service.clusterArn)
  if (taskDefinition === undefined || cluster === undefined) {
    notePlacementFailure(draft, taskDefinitionIsGone)
    return
  }
  const launchable = launchableNow(draft, primary, taskDefinition, count)
  if (launchable === 0) return
  const wanted = Math.min(launchable, launchedAtOnce)
  const seed = draft.randomHex(8)
  const request = {
    ...placementRequestOf(draft.service, taskDefinition, seed),
    host: hostOfSnapshot(
      draft.view,
      scopeOfArn(draft.service.id),
      managedVolumeOf(taskDefinition.definition, primary.volumeConfigurations, 'service'),
    ),
  }
  const placement = place(draft.view, request, wanted)
  const started = placement.choices.map(choice => {
    const spec = {
      ...taskOf(draft.service, primary, taskDefinition, cluster),
      choice,
      now: draft.now,
      randomHex: draft.randomHex,
    }
    const task = newTask(spec)
    draft.putTask(task)
    const volume = volumeOfNewTask(spec, task)
    if (volume) draft.putVolume(volume)
    draft.expect(containerInstances, choice.instance.id)
    return task.id
  })
  if (started.length > 0) draft.say(startedTasks(started))
  if (started.length < wanted) notePlacementFailure(draft, unableToPlace(placement))
  else if (wanted < launchable) draft.unfinished = true
  else if (draft.service.placementFailure !== undefined) draft.change({ placementFailure: undefined })
}

export const placementRequestOf = (
  service: ServiceRow,
  taskDefinition: TaskDefinitionRow,
  seed: string,
): PlacementRequest => ({
  clusterArn: service.clusterArn,
  launchType: launchTypeOf(service),
  requirements: requirementsOf(taskDefinition),
  constraints: service.placementConstraints,
  strategy: service.placementStrategy,
  group: serviceGroup(service.name),
  seed,
})

const taskOf = (
  service: ServiceRow,
  deployment: DeploymentRow,
  taskDefinition: TaskDefinitionRow,
  cluster: ClusterRow,
) => ({
  scope: scopeOfArn(service.id),
  cluster,
  taskDefinition,
  launchType: launchTypeOf(service),
  group: serviceGroup(service.name),
  startedBy: deployment.id,
  serviceArn: service.id,
  deploymentId: deployment.id,
  tags: tagsOfTask({
    own: [],
    propagated: propagatedTags(service, taskDefinition),
    enableECSManagedTags: service.enableECSManagedTags,
    clusterArn: service.clusterArn,
    serviceName: service.name,
  }),
  managedVolume: managedVolumeOf(taskDefinition.definition, deployment.volumeConfigurations, 'service'),
  serviceTags: service.tags,
  enableExecuteCommand: service.enableExecuteCommand,
})

const launchTypeOf = ({ launchType }: ServiceRow): 'EC2' | 'EXTERNAL' =>
  launchType === 'EXTERNAL' ? 'EXTERNAL' : 'EC2'

const propagatedTags = (service: ServiceRow, taskDefinition: TaskDefinitionRow) => {
  if (service.propagateTags === 'SERVICE') return service.tags
  return service.propagateTags === 'TASK_DEFINITION' ? taskDefinition.tags : []
}

/** The same message is said again only after hours. */
const notePlacementFailure = (draft: ServiceDraft, message: string): void => {
  const { placementFailure: before } = draft.service
  const repeats = before?.message === message && draft.now < before.eventAt + quietMs
  if (!repeats) draft.say(message)
  const eventAt = repeats ? before.eventAt : draft.now
  draft.change({ placementFailure: { message, eventAt, triedAt: draft.now } })
  draft.wake(draft.now + retryPlacementMs)
}
