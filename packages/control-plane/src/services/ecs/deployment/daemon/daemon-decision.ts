/**
 * Which tasks of a DAEMON service to stop. Pure arithmetic over its tasks, made anew each time, so that it does not matter
 * how the service got into its state. What is started needs no arithmetic: a task on each instance that has none.
 * docs/deployments.md has the rules with their sources.
 */
import { Balance } from '../balance.ts'
import { limitsOf, type ServiceTask, type Stop } from '../rolling-update.ts'

export interface DaemonTask extends ServiceTask {
  /** On an instance that is to have one; on one that does not satisfy the constraints; on a DRAINING one. */
  readonly place: 'wanted' | 'misplaced' | 'draining'
}

export interface DaemonUpdate {
  /** How many instances are to have a task. */
  readonly desiredCount: number
  readonly minimumHealthyPercent: number
  /** Oldest first; the last is the primary one. */
  readonly deploymentIds: readonly string[]
  readonly tasks: readonly DaemonTask[]
  /** How many of the instances have no task. */
  readonly vacancies: number
  /** True while the launch back-off lasts: what is stopped could not be replaced. */
  readonly launchesHeld: boolean
  /** The primary deployment was given up: tasks of earlier ones run on. */
  readonly isGivenUp: boolean
  /** No more tasks than this are chosen to be stopped; the others are when it is asked again. */
  readonly stopsAtOnce: number
}

export interface DaemonDecision {
  readonly stop: readonly Stop[]
  readonly hasMoreToStop: boolean
  /** The minimum lets no task be stopped, and never will. */
  readonly blocked: boolean
}

export const decideDaemon = (update: DaemonUpdate): DaemonDecision => {
  const survey = surveyOf(update)
  const { minimum } = limitsOf({ ...update, maximumPercent: 100 })
  const unhealthy = pickUnhealthy(update, survey, minimum)
  const outgoing = update.isGivenUp ? [] : pickOutgoing(update, survey, minimum)
  const stop: Stop[] = [
    ...survey.atOnce.map(task => ({ task, because: 'scaling' as const })),
    ...unhealthy.map(task => ({ task, because: 'unhealthy' as const })),
    ...outgoing.map(task => ({ task, because: 'scaling' as const })),
  ]
  const waits = update.launchesHeld || update.isGivenUp || survey.moving || update.vacancies > 0
  return {
    stop: stop.slice(0, update.stopsAtOnce),
    hasMoreToStop: stop.length > update.stopsAtOnce,
    blocked: !waits && stop.length === 0 && survey.outgoing.length > 0,
  }
}

interface Survey {
  /** Tasks that go whatever the minimum is: nobody is to have one there, or nobody is served by it yet. */
  readonly atOnce: DaemonTask[]
  /** Those that stay, but for what follows. */
  readonly active: DaemonTask[]
  /** Of old deployments, and running. */
  readonly outgoing: DaemonTask[]
  readonly unhealthy: DaemonTask[]
  healthy: number
  running: number
  /** Something will happen by itself: tasks that start, settle or stop. */
  moving: boolean
}

const surveyOf = ({ tasks, deploymentIds }: DaemonUpdate): Survey => {
  const primary = deploymentIds.at(-1)
  const survey: Survey = {
    atOnce: [],
    active: [],
    outgoing: [],
    unhealthy: [],
    healthy: 0,
    running: 0,
    moving: false,
  }
  for (const task of tasks) {
    const { condition } = task
    if (task.stopping || condition === 'starting' || condition === 'settling') survey.moving = true
    if (task.stopping) continue
    const isOld = task.deploymentId !== primary
    if (goesAtOnce(task, isOld)) survey.atOnce.push(task)
    else if (task.place !== 'draining') {
      survey.active.push(task)
      if (condition === 'healthy') survey.healthy += 1
      if (condition !== 'starting') survey.running += 1
      if (condition === 'unhealthy') survey.unhealthy.push(task)
      else if (isOld && !task.isProtected) survey.outgoing.push(task)
    }
  }
  return survey
}

/** A task on a DRAINING instance stays until it is the last one there, which is when it is marked as leaving. */
const goesAtOnce = (task: DaemonTask, isOld: boolean): boolean =>
  task.leaving ||
  (task.place === 'misplaced' && !isOld) ||
  (isOld && task.condition === 'starting' && !task.isProtected)

/**
 * The maximum is 100 %, and so no replacement can be started first: unhealthy tasks are stopped as long as the minimum
 * runs without them; else one by one, since nothing else can make them healthy. Those of old deployments go as soon as
 * enough others are healthy.
 */
const pickUnhealthy = (
  { deploymentIds, launchesHeld, isGivenUp }: DaemonUpdate,
  { unhealthy, healthy, running, moving }: Survey,
  minimum: number,
): readonly DaemonTask[] => {
  if (unhealthy.length === 0 || isGivenUp) return []
  const oldestFirst = unhealthy.toSorted(
    (a, b) =>
      deploymentIds.indexOf(a.deploymentId) - deploymentIds.indexOf(b.deploymentId) ||
      a.createdAt - b.createdAt ||
      (a.id < b.id ? -1 : 1),
  )
  const old = unhealthy.filter(task => task.deploymentId !== deploymentIds.at(-1)).length
  const replaceable = launchesHeld ? 0 : Math.max(running - minimum, moving ? 0 : 1)
  return oldestFirst.slice(0, Math.max(healthy >= minimum ? old : 0, replaceable))
}

/** Old deployments in the order of their age. One that still settles may be all that serves: it waits for the minimum too. */
const pickOutgoing = (
  { deploymentIds, stopsAtOnce }: DaemonUpdate,
  { active, outgoing, healthy }: Survey,
  minimum: number,
): readonly ServiceTask[] => {
  if (outgoing.length === 0 || healthy < minimum) return []
  const balance = new Balance(active)
  const picked: ServiceTask[] = outgoing.filter(({ condition }) => condition === 'settling')
  balance.take(picked)
  // One more than may be stopped, which says that there are more.
  let left = Math.min(healthy - minimum, stopsAtOnce + 1)
  for (const deploymentId of deploymentIds) {
    const candidates = outgoing.filter(
      task => task.deploymentId === deploymentId && task.condition === 'healthy',
    )
    const chosen = balance.pick(candidates, left)
    left -= chosen.length
    picked.push(...chosen)
  }
  return picked
}
