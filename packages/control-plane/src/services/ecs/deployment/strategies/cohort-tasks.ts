/** The tasks of deployments that stand side by side: each has a number of its own, whatever the others have. */
import { type DeploymentRow, tasks } from '../../tables/index.ts'
import { isProtected } from '../../task-protection.ts'
import { isHeld } from '../launch-backoff.ts'
import { type Launch, launchCohorts } from '../launch-tasks.ts'
import { type Decision, decide, type ServiceTask } from '../rolling-update.ts'
import { scaleInOrderOf } from '../scale-in-order.ts'
import type { ServiceDraft } from '../service-draft.ts'
import { percentsOf } from '../service-percents.ts'
import { stopsAtOnceOf, stopTasks } from '../stop-tasks.ts'
import { conditionOf, type HealthSettings, serviceTaskOf } from '../task-condition.ts'

/** Undefined: none is stopped, and none is started. */
export type WantedCounts = (deployment: DeploymentRow) => number | undefined

export const planCohorts = (draft: ServiceDraft, wantedOf: WantedCounts, health: HealthSettings): void => {
  const launches: Launch[] = []
  for (const deployment of draft.deployments) {
    const wanted = wantedOf(deployment)
    if (wanted === undefined) continue
    const decision = decisionFor(draft, deployment, wanted, health)
    stopTasks(draft, decision.stop)
    if (decision.hasMoreToStop) draft.unfinished = true
    const count = deployment.rolloutState === 'FAILED' ? 0 : decision.start
    launches.push({ cohort: deployment, count })
    if (isHeld(deployment, draft.now) && deployment.launchAfter !== undefined)
      draft.wake(deployment.launchAfter)
  }
  launchCohorts(draft, launches)
}

const decisionFor = (
  draft: ServiceDraft,
  deployment: DeploymentRow,
  wanted: number,
  health: HealthSettings,
): Decision => {
  const { pending, running } = draft.countsOf(deployment.id)
  const missing = wanted - pending - running
  const nothingElse = missing >= 0 && draft.view.count(tasks, 'toReplace', draft.service.id) === 0
  if (nothingElse)
    return {
      start: isHeld(deployment, draft.now) ? 0 : missing,
      stop: [],
      hasMoreToStop: false,
      blocked: false,
    }
  return decide({
    desiredCount: wanted,
    ...percentsOf(draft.service),
    stopsAtOnce: stopsAtOnceOf(pending + running),
    deploymentIds: [deployment.id],
    tasks: tasksOf(draft, deployment, health),
    launchesHeld: isHeld(deployment, draft.now),
    scaleInOrder: scaleInOrderOf(draft.view, draft.service),
  })
}

const tasksOf = (draft: ServiceDraft, { id }: DeploymentRow, health: HealthSettings): ServiceTask[] => {
  const all: ServiceTask[] = []
  for (const task of draft.view.where(tasks, 'byDeployment', id)) {
    const { condition, until } = conditionOf(task, health, draft.now)
    if (until !== undefined) draft.wake(until)
    const isShielded = draft.service.status === 'ACTIVE' && isProtected(task, draft.now)
    if (isShielded && task.protectedUntil !== undefined) draft.wake(task.protectedUntil)
    all.push(serviceTaskOf(task, condition, isShielded))
  }
  return all
}

/** As many healthy tasks as it is to have; one more that is protected from scale-in keeps nothing waiting. */
export const isUp = (
  draft: ServiceDraft,
  { id }: DeploymentRow,
  wanted: number,
  health: HealthSettings,
): boolean => {
  if (draft.countsOf(id).running < wanted) return false
  let healthy = 0
  for (const task of draft.view.where(tasks, 'byDeployment', id)) {
    if (task.desiredStatus === 'STOPPED') continue
    const { condition, until } = conditionOf(task, health, draft.now)
    if (until !== undefined) draft.wake(until)
    if (condition === 'healthy') healthy += 1
  }
  return healthy >= wanted
}

export const hasTasks = (draft: ServiceDraft, id: string): boolean => {
  const { pending, running, stopping } = draft.countsOf(id)
  return pending + running + stopping > 0
}
