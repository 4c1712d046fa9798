/**
 * What the service reconciler does for a service whose tasks another controller than ECS deploys: it keeps each task set
 * at its own count, and leaves it to that controller which sets there are.
 * (AWS: "Deploy Amazon ECS services using a third-party controller")
 */
import type { Millis } from '../../../../store/table.ts'
import { type TaskSetRow, tasks } from '../../tables/index.ts'
import { isProtected } from '../../task-protection.ts'
import type { Cohort } from '../cohort.ts'
import { noteFailedLaunches } from '../failed-launches.ts'
import { isHeld } from '../launch-backoff.ts'
import { isWaitingForRoom, placeTasks } from '../launch-tasks.ts'
import { planPaused } from '../pause.ts'
import { type Decision, decide, type ServiceTask } from '../rolling-update.ts'
import { scaleInOrderOf } from '../scale-in-order.ts'
import {
  quietMs,
  reachedSteadyState,
  updatedComputedDesiredCount,
  updatedToSteadyState,
} from '../service-events.ts'
import { stopsAtOnceOf, stopTasks } from '../stop-tasks.ts'
import { conditionOf, type HealthSettings, serviceTaskOf } from '../task-condition.ts'
import { computedDesiredCountOf } from './computed-desired-count.ts'
import type { TaskSetDraft } from './task-set-draft.ts'

/** Those that hold while instances drain and unhealthy tasks are replaced. (AWS: DeploymentConfiguration) */
const defaultPercents = { minimumHealthyPercent: 100, maximumPercent: 200 }
const settleTogetherMs = 50

export const planTaskSets = (draft: TaskSetDraft, health: HealthSettings): void => {
  noteFailedLaunches(draft, draft.taskSets, after => draft.replaceTaskSet(after))
  draft.keepTaskSets(({ id, status }) => status !== 'DRAINING' || hasTasks(draft, id))
  const { service } = draft
  if (service.status === 'DRAINING' && draft.view.total(tasks, 'countsByService', service.id) === undefined) {
    draft.keepTaskSets(() => false)
    draft.change({ status: 'INACTIVE', inactiveAt: draft.now, steadyAt: undefined })
    return
  }
  const atRest = new Set<string>()
  if (service.status === 'ACTIVE' && service.paused) {
    planPaused(draft)
    for (const taskSet of draft.taskSets)
      if (taskSet.placementFailure) draft.replaceTaskSet({ ...taskSet, placementFailure: undefined })
    noteStability(draft, health, atRest)
    return
  }
  const wanted: Wanted[] = []
  for (const { id } of draft.taskSets) {
    const taskSet = countedAnew(draft, id)
    const decision = decideByCounts(draft, taskSet) ?? decideByTasks(draft, taskSet, health)
    stopTasks(draft, decision.stop)
    if (decision.hasMoreToStop) draft.unfinished = true
    if (isHeld(taskSet, draft.now) && taskSet.launchAfter !== undefined) draft.wake(taskSet.launchAfter)
    wanted.push({ id, count: decision.start })
    if (decision.start === 0 && decision.stop.length === 0) atRest.add(id)
  }
  launch(draft, wanted)
  noteStability(draft, health, atRest)
}

interface Wanted {
  readonly id: string
  readonly count: number
}

const hasTasks = (draft: TaskSetDraft, id: string): boolean => {
  const { pending, running, stopping } = draft.countsOf(id)
  return pending + running + stopping > 0
}

const setOf = (draft: TaskSetDraft, id: string): TaskSetRow => {
  const found = draft.taskSets.find(row => row.id === id)
  if (found === undefined) throw new Error(`The draft has no task set ${id}`)
  return found
}

/** With the count that its scale stands for now. */
const countedAnew = (draft: TaskSetDraft, id: string): TaskSetRow => {
  const before = setOf(draft, id)
  const computedDesiredCount = computedDesiredCountOf(draft.service, before)
  if (computedDesiredCount === before.computedDesiredCount) return before
  const taskSet = { ...before, computedDesiredCount, updatedAt: draft.now }
  draft.replaceTaskSet(taskSet)
  draft.say(updatedComputedDesiredCount(id, computedDesiredCount))
  return taskSet
}

/** What the counts say by themselves; undefined when the tasks have to be looked at. */
const decideByCounts = (draft: TaskSetDraft, taskSet: TaskSetRow): Decision | undefined => {
  if (draft.view.count(tasks, 'toReplace', draft.service.id) > 0) return undefined
  const { pending, running } = draft.countsOf(taskSet.id)
  const missing = taskSet.computedDesiredCount - pending - running
  if (missing < 0) return undefined
  return { start: isHeld(taskSet, draft.now) ? 0 : missing, stop: [], hasMoreToStop: false, blocked: false }
}

const decideByTasks = (draft: TaskSetDraft, taskSet: TaskSetRow, health: HealthSettings): Decision => {
  const { view, now, service } = draft
  const all: ServiceTask[] = []
  for (const task of view.where(tasks, 'byDeployment', taskSet.id)) {
    const { condition, until } = conditionOf(task, health, now)
    if (until !== undefined) draft.wake(until + settleTogetherMs)
    // A service that is deleted keeps nothing.
    const isShielded = service.status === 'ACTIVE' && isProtected(task, now)
    if (isShielded && task.protectedUntil !== undefined) draft.wake(task.protectedUntil)
    all.push(serviceTaskOf(task, condition, isShielded))
  }
  return decide({
    desiredCount: taskSet.computedDesiredCount,
    ...defaultPercents,
    stopsAtOnce: stopsAtOnceOf(all.length),
    scaleInOrder: scaleInOrderOf(view, service),
    deploymentIds: [taskSet.id],
    tasks: all,
    launchesHeld: isHeld(taskSet, now),
  })
}

/**
 * Places tasks of one set in one plan, so that no room is given twice; the others follow in the next. A set that waits
 * for room keeps no other one waiting.
 */
const launch = (draft: TaskSetDraft, wanted: readonly Wanted[]): void => {
  const mayRetry = draft.service.placementFailure?.retry
  let hasPlaced = false
  for (const { id, count } of wanted) {
    const taskSet = setOf(draft, id)
    const { placementFailure: before } = taskSet
    if (count === 0) {
      if (before) draft.replaceTaskSet({ ...taskSet, placementFailure: undefined })
      continue
    }
    if (before && isWaitingForRoom(draft, mayRetry ? { ...before, retry: true } : before)) continue
    if (hasPlaced) {
      draft.unfinished = true
      continue
    }
    const { started, placementFailure } = placeTasks(draft, withoutDigests(taskSet), count, before)
    hasPlaced = started > 0
    if (placementFailure !== before) draft.replaceTaskSet({ ...taskSet, placementFailure })
  }
  noteServiceFailure(draft)
}

/** Only the ECS controller pins images. (AWS: "Update Amazon ECS service parameters", "Deployment controller") */
const withoutDigests = (taskSet: TaskSetRow): Cohort => ({ ...taskSet, imageDigests: {} })

/** The service carries the failure of its oldest set that has one: by it, it is woken when room comes free. */
const noteServiceFailure = (draft: TaskSetDraft): void => {
  const { placementFailure: before } = draft.service
  const failures = draft.taskSets.flatMap(({ placementFailure }) => placementFailure ?? [])
  const first = failures[0]
  const triedAt = Math.max(...failures.map(failure => failure.triedAt))
  if (first === undefined) {
    if (before !== undefined) draft.change({ placementFailure: undefined })
  } else if (before?.message !== first.message || before.triedAt !== triedAt || before.retry)
    draft.change({
      placementFailure: { ...first, triedAt, ...(draft.unfinished && before?.retry && { retry: true }) },
    })
}

/** A service is steady when all of its sets are, and says so again every six hours. */
const noteStability = (draft: TaskSetDraft, health: HealthSettings, atRest: ReadonlySet<string>): void => {
  for (const taskSet of draft.taskSets) noteStabilityOf(draft, taskSet, health, atRest.has(taskSet.id))
  const { service, now, taskSets } = draft
  const isSteady =
    service.status === 'ACTIVE' &&
    taskSets.length > 0 &&
    taskSets.every(({ stabilityStatus }) => stabilityStatus === 'STEADY_STATE')
  if (!isSteady) {
    if (service.steadyAt !== undefined) draft.change({ steadyAt: undefined })
    return
  }
  const saidAt = service.steadyAt
  const steadyAt: Millis = saidAt === undefined || now >= saidAt + quietMs ? now : saidAt
  if (steadyAt !== saidAt) {
    draft.say(reachedSteadyState)
    draft.change({ steadyAt })
  }
  draft.wake(steadyAt + quietMs)
}

const noteStabilityOf = (
  draft: TaskSetDraft,
  taskSet: TaskSetRow,
  health: HealthSettings,
  isAtRest: boolean,
): void => {
  const { id, computedDesiredCount, status, stabilityStatus } = taskSet
  const { pending, running } = draft.countsOf(id)
  const hasCount = isAtRest && status !== 'DRAINING' && pending === 0 && running === computedDesiredCount
  const wasSteady = stabilityStatus === 'STEADY_STATE'
  const mustLook = !wasSteady || draft.view.count(tasks, 'toReplace', draft.service.id) > 0
  const isSteady = hasCount && (!mustLook || areFine(draft, id, health))
  if (isSteady === wasSteady) return
  draft.replaceTaskSet({
    ...taskSet,
    stabilityStatus: isSteady ? 'STEADY_STATE' : 'STABILIZING',
    stabilityStatusAt: draft.now,
    updatedAt: draft.now,
  })
  if (isSteady) draft.sayOf(taskSet, updatedToSteadyState)
}

/** None on a DRAINING instance, and all healthy. Looks again when the last one that only has to run for a while has. */
const areFine = (draft: TaskSetDraft, id: string, health: HealthSettings): boolean => {
  let fine = true
  for (const task of draft.view.where(tasks, 'byDeployment', id)) {
    if (task.desiredStatus === 'STOPPED') continue
    const { condition, until } = conditionOf(task, health, draft.now)
    if (condition !== 'healthy' || task.onDrainingInstance) fine = false
    if (until !== undefined) draft.wake(until)
  }
  return fine
}
