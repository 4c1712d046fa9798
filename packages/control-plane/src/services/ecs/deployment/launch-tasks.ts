import { scopeOfArn } from '@berth/model'
import type { View } from '../../../store/view.ts'
import { isDualStack } from '../networking/dual-stack.ts'
import { findNetwork, zonesOfConfiguration } from '../networking/network-configuration.ts'
import { causeOfRefusal, noFargateCapacity, unableToPlace } from '../placement/explanation.ts'
import { type Choice, type PlacementRequest, place } from '../placement/place.ts'
import { requirementsOf } from '../placement/task-requirements.ts'
import {
  type ClusterRow,
  clusters,
  containerInstances,
  type PlacementFailure,
  type ServiceRow,
  type TaskDefinitionRow,
  type TaskLaunchType,
  taskDefinitions,
} from '../tables/index.ts'
import { newTask, serviceGroup, tagsOfTask, volumeOfNewTask } from '../task-creation.ts'
import { hostOfSnapshot } from '../volumes/snapshot-host.ts'
import { managedVolumeOf } from '../volumes/volume-configurations.ts'
import type { Cohort } from './cohort.ts'
import { launchableNow } from './image-resolution.ts'
import type { ServiceDraft } from './service-draft.ts'
import { networkIsGone, quietMs, startedTasks, taskDefinitionIsGone } from './service-events.ts'

/** Tasks placed in one plan; the others follow in the next. */
export const launchedAtOnce = 25
/** A task that cannot be placed is tried again when room may have come free, and this long after in any case. */
const retryPlacementMs = 60_000

export interface Launch {
  readonly cohort: Cohort
  readonly count: number
}

/** Starts `count` tasks of the primary deployment, or as many as find a place. */
export const launchTasks = (draft: ServiceDraft, primary: Cohort, count: number): void =>
  launchCohorts(draft, [{ cohort: primary, count }])

/**
 * One that finds no place does not keep the next from starting. What a plan has placed is not seen by the next placement
 * of the same plan, and so the others wait for the next plan once one has started tasks.
 */
export const launchCohorts = (draft: ServiceDraft, launches: readonly Launch[]): void => {
  const { placementFailure: before } = draft.service
  const wanted = launches.filter(({ count }) => count > 0)
  if (wanted.length > 0 && isWaitingForRoom(draft, before)) return
  let placementFailure: PlacementFailure | undefined
  for (const [index, { cohort, count }] of wanted.entries()) {
    const placed = placeTasks(draft, cohort, count, before)
    placementFailure ??= placed.placementFailure
    if (placed.started === 0) continue
    if (index < wanted.length - 1) draft.unfinished = true
    break
  }
  if (placementFailure !== before) draft.change({ placementFailure })
}

/** True until something has changed that may let the tasks find a place, or a while has passed. */
export const isWaitingForRoom = (draft: ServiceDraft, failure: PlacementFailure | undefined): boolean => {
  const waitsUntil = failure && !failure.retry ? failure.triedAt + retryPlacementMs : 0
  if (draft.now >= waitsUntil) return false
  draft.wake(waitsUntil)
  return true
}

export interface Placed {
  readonly started: number
  /** What stands afterwards: a new one, or none; the one before where nothing could be tried, or more is to come. */
  readonly placementFailure: PlacementFailure | undefined
}

export const placeTasks = (
  draft: ServiceDraft,
  cohort: Cohort,
  count: number,
  before: PlacementFailure | undefined,
): Placed => {
  const taskDefinition = draft.view.get(taskDefinitions, cohort.taskDefinitionArn)
  const cluster = draft.view.get(clusters, draft.service.clusterArn)
  if (taskDefinition === undefined || cluster === undefined)
    return {
      started: 0,
      placementFailure: placementFailureOf(draft, before, taskDefinitionIsGone, taskDefinitionIsGone),
    }
  const network = networkOf(draft, cohort)
  if (network && 'problem' in network) {
    const message = networkIsGone(network.problem)
    return { started: 0, placementFailure: placementFailureOf(draft, before, message, message) }
  }
  const launchable = launchableNow(draft, cohort, taskDefinition, count)
  if (launchable === 0) return { started: 0, placementFailure: before }
  const wanted = Math.min(launchable, launchedAtOnce)
  const request = launchRequestOf(draft, cohort, taskDefinition)
  const placement = place(draft.view, request, wanted)
  const started = placement.choices.length
  startTasks(draft, cohort, { taskDefinition, cluster }, placement.choices)
  if (started < wanted) {
    const message = request.launchType === 'FARGATE' ? noFargateCapacity(placement) : unableToPlace(placement)
    return {
      started,
      placementFailure: placementFailureOf(draft, before, message, causeOfRefusal(placement)),
    }
  }
  if (wanted === launchable) return { started, placementFailure: undefined }
  draft.unfinished = true
  return { started, placementFailure: before }
}

export const launchRequestOf = (
  draft: ServiceDraft,
  cohort: Cohort,
  taskDefinition: TaskDefinitionRow,
): PlacementRequest => ({
  ...placementRequestOf(draft.view, draft.service, cohort, taskDefinition, draft.randomHex(8)),
  host: hostOfSnapshot(
    draft.view,
    scopeOfArn(draft.service.id),
    managedVolumeOf(taskDefinition.definition, cohort.volumeConfigurations, 'service'),
  ),
})

/** One task at each of the chosen places. */
export const startTasks = (
  draft: ServiceDraft,
  cohort: Cohort,
  made: { readonly taskDefinition: TaskDefinitionRow; readonly cluster: ClusterRow },
  choices: readonly Choice[],
): void => {
  const specified = taskOf(draft, cohort, made.taskDefinition, made.cluster)
  const started = choices.map(choice => startTask(draft, specified, choice))
  if (started.length > 0) draft.sayOf(cohort, startedTasks(started))
}

/** The new task's ARN. */
export const startTask = (
  draft: ServiceDraft,
  specified: ReturnType<typeof taskOf>,
  choice: Choice,
): string => {
  const spec = { ...specified, choice, now: draft.now, randomHex: draft.randomHex }
  const task = newTask(spec)
  draft.putTask(task)
  const volume = volumeOfNewTask(spec, task)
  if (volume) draft.putVolume(volume)
  draft.expect(containerInstances, choice.instance.id)
  return task.id
}

export const placementRequestOf = (
  view: View,
  service: ServiceRow,
  cohort: Cohort,
  taskDefinition: TaskDefinitionRow,
  seed: string,
): PlacementRequest => ({
  clusterArn: service.clusterArn,
  launchType: launchTypeOf(cohort),
  requirements: requirementsOf(taskDefinition),
  zones: zonesOfConfiguration(view, service, cohort.networkConfiguration),
  constraints: service.placementConstraints,
  strategy: service.placementStrategy,
  group: serviceGroup(service.name),
  seed,
})

/** What the cohort's tasks are alike in. A network of which something is gone has no place, and so no task. */
export const taskOf = (
  draft: ServiceDraft,
  cohort: Cohort,
  taskDefinition: TaskDefinitionRow,
  cluster: ClusterRow,
) => {
  const { service } = draft
  const network = networkOf(draft, cohort)
  return {
    scope: scopeOfArn(service.id),
    cluster,
    taskDefinition,
    launchType: launchTypeOf(cohort),
    platform: cohort.platform,
    group: serviceGroup(service.name),
    startedBy: cohort.id,
    serviceArn: service.id,
    deploymentId: cohort.id,
    isDaemon: service.schedulingStrategy === 'DAEMON' ? (true as const) : undefined,
    tags: tagsOfTask({
      own: [],
      propagated: propagatedTags(service, taskDefinition),
      enableECSManagedTags: service.enableECSManagedTags,
      clusterArn: service.clusterArn,
      serviceName: service.name,
    }),
    managedVolume: managedVolumeOf(taskDefinition.definition, cohort.volumeConfigurations, 'service'),
    network: network && 'problem' in network ? undefined : network,
    isDualStack: isDualStack(draft.view, scopeOfArn(service.id), service.createdBy),
    serviceTags: service.tags,
    enableExecuteCommand: service.enableExecuteCommand,
    isBalanced: (cohort.loadBalancers?.length ?? 0) > 0,
  }
}

const networkOf = ({ view, service }: ServiceDraft, { networkConfiguration }: Cohort) => {
  const { awsvpcConfiguration: given } = networkConfiguration ?? {}
  return given && findNetwork(view, scopeOfArn(service.id), given)
}

const launchTypeOf = ({ launchType }: Cohort): TaskLaunchType => launchType ?? 'EC2'

const propagatedTags = (service: ServiceRow, taskDefinition: TaskDefinitionRow) => {
  if (service.propagateTags === 'SERVICE') return service.tags
  return service.propagateTags === 'TASK_DEFINITION' ? taskDefinition.tags : []
}

/** What is in the way is said again only after hours. */
export const placementFailureOf = (
  draft: ServiceDraft,
  before: PlacementFailure | undefined,
  message: string,
  cause: string,
): PlacementFailure => {
  const isSame = before?.cause === undefined ? before?.message === message : before.cause === cause
  const repeats = before !== undefined && isSame && draft.now < before.eventAt + quietMs
  if (!repeats) draft.say(message)
  draft.wake(draft.now + retryPlacementMs)
  const said = repeats
    ? { message: before.message, eventAt: before.eventAt }
    : { message, eventAt: draft.now }
  return { ...said, cause, triedAt: draft.now }
}
