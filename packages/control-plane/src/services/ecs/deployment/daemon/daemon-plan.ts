/**
 * What the service reconciler does for a DAEMON service: one task on each ACTIVE instance that satisfies the constraints.
 * (AWS: "Amazon ECS service deployment controllers and strategies", "Daemon scheduling strategy")
 */
import type { Millis } from '../../../../store/table.ts'
import { type DaemonPlaces, daemonPlacesOf } from '../../placement/daemon-places.ts'
import {
  type DeploymentRow,
  type TaskCounts,
  type TaskDefinitionRow,
  type TaskRow,
  taskDefinitions,
  tasks,
} from '../../tables/index.ts'
import { isProtected } from '../../task-protection.ts'
import { isHeld } from '../launch-backoff.ts'
import { launchTasks } from '../launch-tasks.ts'
import { limitsOf, type Stop } from '../rolling-update.ts'
import type { ServiceDraft } from '../service-draft.ts'
import { stopsAtOnceOf, stopTasks } from '../stop-tasks.ts'
import { conditionOf, type HealthSettings, serviceTaskOf } from '../task-condition.ts'
import { type DaemonDecision, type DaemonTask, decideDaemon } from './daemon-decision.ts'
import { launchDaemons } from './launch-daemons.ts'

/** Tasks stopped in one plan at least. */
const stopsAtOnce = 100
/** Tasks that settle within so long of each other are looked at together. */
const settleTogetherMs = 50
/** Where other tasks decide which instances fit, the constraints are looked at again this often. */
const lookAgainMs: Millis = 60_000

const nothing: DaemonDecision = { stop: [], hasMoreToStop: false, blocked: false }
const none: Readonly<TaskCounts> = { pending: 0, running: 0, stopping: 0 }

export interface DaemonOutcome {
  /** The percentages let nothing be stopped, and never will. */
  readonly blocked: boolean
  /** Every instance that is to have a task has one of the primary deployment, and nothing else is left. */
  readonly hasDesiredTasks: boolean
}

export const planDaemon = (
  draft: ServiceDraft,
  primary: DeploymentRow,
  health: HealthSettings,
): DaemonOutcome => {
  const places = placesOf(draft)
  if (places === undefined) {
    // Says that it is gone.
    launchTasks(draft, primary, 1)
    return { blocked: false, hasDesiredTasks: false }
  }
  noteDesiredCount(draft, places)
  const { stop, hasMoreToStop, blocked } = decideStops(draft, places, health)
  stopTasks(draft, stop)
  if (hasMoreToStop) draft.unfinished = true
  launchDaemons(draft, primary, places)
  return { blocked, hasDesiredTasks: hasEveryTask(draft, places) }
}

/** Where the tasks of the service are to be; undefined when its task definition is gone. */
const placesOf = (draft: ServiceDraft): DaemonPlaces | undefined => {
  const { service, view } = draft
  const taskDefinition: TaskDefinitionRow | undefined = view.get(taskDefinitions, service.taskDefinitionArn)
  if (taskDefinition === undefined) return undefined
  const places = daemonPlacesOf(view, service, taskDefinition)
  if (places.followsTasks) draft.wake(draft.now + lookAgainMs)
  return places
}

/** A daemon's desired count is nobody's wish: it is the number of instances that are to have a task. */
const noteDesiredCount = (draft: ServiceDraft, places: DaemonPlaces): void => {
  const desiredCount = draft.service.status === 'ACTIVE' ? places.wanted : 0
  if (draft.service.desiredCount !== desiredCount) draft.change({ desiredCount })
  const { primary, now } = draft
  if (primary && primary.desiredCount !== desiredCount)
    draft.replace({ ...primary, desiredCount, updatedAt: now })
}

const decideStops = (draft: ServiceDraft, places: DaemonPlaces, health: HealthSettings): DaemonDecision => {
  if (draft.service.status !== 'ACTIVE') return stopAll(draft, health)
  if (!mustLookAtTasks(draft, places)) return nothing
  const { service, primary, deployments, now } = draft
  return decideDaemon({
    desiredCount: places.wanted,
    minimumHealthyPercent: service.deploymentConfiguration.minimumHealthyPercent ?? 0,
    deploymentIds: deployments.map(({ id }) => id),
    tasks: daemonTasks(draft, places, health),
    vacancies: places.vacancies,
    launchesHeld: primary !== undefined && isHeld(primary, now),
    isGivenUp: primary?.rolloutState === 'FAILED',
    stopsAtOnce: stopsAtOnceOf(places.wanted, stopsAtOnce),
  })
}

/** However many tasks there are, the counts mostly say that none is to be stopped. */
const mustLookAtTasks = (draft: ServiceDraft, places: DaemonPlaces): boolean => {
  const { service, primary, deployments, view } = draft
  if (places.hasMisplaced || view.count(tasks, 'toReplace', service.id) > 0) return true
  if (deployments.length < 2 || primary === undefined) return false
  const all = view.total(tasks, 'countsByService', service.id) ?? none
  const own = draft.countsOf(primary.id)
  if (all.running + all.pending === own.running + own.pending) return false
  const { minimumHealthyPercent = 0 } = service.deploymentConfiguration
  const { minimum } = limitsOf({ desiredCount: places.wanted, minimumHealthyPercent, maximumPercent: 100 })
  // No more can be healthy than run; and what is blocked for ever is found by looking.
  return all.running > minimum || all.pending > own.pending || all.pending + all.stopping === 0
}

const daemonTasks = (draft: ServiceDraft, places: DaemonPlaces, health: HealthSettings): DaemonTask[] => {
  const all: DaemonTask[] = []
  for (const task of liveTasks(draft)) {
    const { condition, until } = conditionOf(task, health, draft.now)
    if (until !== undefined) draft.wake(until + settleTogetherMs)
    const isShielded = isProtected(task, draft.now)
    if (isShielded && task.protectedUntil !== undefined) draft.wake(task.protectedUntil)
    all.push(Object.assign(serviceTaskOf(task, condition, isShielded), { place: placeOf(places, task) }))
  }
  return all
}

const placeOf = (places: DaemonPlaces, { containerInstanceArn = '' }: TaskRow): DaemonTask['place'] => {
  if (places.isWanted(containerInstanceArn)) return 'wanted'
  return places.isMisplaced(containerInstanceArn) ? 'misplaced' : 'draining'
}

function* liveTasks({ deployments, view }: ServiceDraft): Iterable<TaskRow> {
  for (const { id } of deployments) yield* view.where(tasks, 'byDeployment', id)
}

/** A service that is deleted keeps nothing. */
const stopAll = (draft: ServiceDraft, health: HealthSettings): DaemonDecision => {
  const stop: Stop[] = []
  for (const task of draft.view.where(tasks, 'byService', `${draft.service.id}|RUNNING`)) {
    if (stop.length === stopsAtOnce) return { ...nothing, stop, hasMoreToStop: true }
    const { condition } = conditionOf(task, health, draft.now)
    stop.push({ task: serviceTaskOf(task, condition, false), because: 'scaling' })
  }
  return { ...nothing, stop }
}

/** Every instance that is to have a task has one that was not told to stop, and that is RUNNING. */
const hasEveryTask = (draft: ServiceDraft, places: DaemonPlaces): boolean => {
  const { service, primary, deployments, view, isQuiet } = draft
  if (!isQuiet || service.status !== 'ACTIVE' || primary === undefined || deployments.length > 1) return false
  const { pending, stopping } = draft.countsOf(primary.id)
  return pending + stopping + places.vacancies === 0 && view.count(tasks, 'toReplace', service.id) === 0
}
