/**
 * What a rolling update does next: how many tasks to start and which to stop. Pure arithmetic over the service's tasks,
 * made anew each time, so that it does not matter how the service got into its state. docs/deployments.md has the rules
 * with their sources.
 */
import type { Millis } from '../../../store/table.ts'
import { Balance } from './balance.ts'

/**
 * starting: not RUNNING yet. settling: RUNNING, and not yet known to be healthy. Only healthy tasks count towards
 * the minimum.
 */
export type TaskCondition = 'starting' | 'settling' | 'healthy' | 'unhealthy'

/** A task that is not STOPPED. */
export interface ServiceTask {
  readonly id: string
  readonly deploymentId: string
  readonly condition: TaskCondition
  /** Told to stop, or about to end by itself. */
  readonly stopping: boolean
  /** On a DRAINING instance. */
  readonly leaving: boolean
  readonly instance: string
  readonly zone: string
  readonly createdAt: Millis
}

export interface RollingUpdate {
  readonly desiredCount: number
  readonly minimumHealthyPercent: number
  readonly maximumPercent: number
  /** Oldest first; the last is the primary one. */
  readonly deploymentIds: readonly string[]
  readonly tasks: readonly ServiceTask[]
  /** True while the launch back-off lasts. */
  readonly launchesHeld: boolean
}

export interface Stop {
  readonly task: ServiceTask
  readonly because: 'scaling' | 'unhealthy'
}

export interface Decision {
  readonly start: number
  readonly stop: readonly Stop[]
  /** The percentages let nothing be started and nothing be stopped, and never will. */
  readonly blocked: boolean
}

/** Ten tasks, minimum 75 %, maximum 125 %: never fewer than 8 healthy ones, never more than 12 in all. */
export const limitsOf = ({
  desiredCount,
  minimumHealthyPercent,
  maximumPercent,
}: Pick<RollingUpdate, 'desiredCount' | 'minimumHealthyPercent' | 'maximumPercent'>): {
  readonly minimum: number
  readonly maximum: number
} => ({
  minimum: Math.ceil((desiredCount * minimumHealthyPercent) / 100),
  maximum: Math.floor((desiredCount * maximumPercent) / 100),
})

export const decide = (update: RollingUpdate): Decision => {
  const { minimum, maximum } = limitsOf(update)
  const survey = surveyOf(update)
  const missing = Math.max(0, update.desiredCount - survey.good.length)
  const room = survey.replacing ? Math.max(0, maximum - update.tasks.length) : missing
  const start = update.launchesHeld ? 0 : Math.min(missing, room)

  const balance = new Balance(survey.active)
  const stop: Stop[] = []
  const stopAll = (tasks: readonly ServiceTask[], because: Stop['because'] = 'scaling'): void => {
    for (const task of tasks) stop.push({ task, because })
  }
  stopAll(survey.outgoing.filter(task => task.condition === 'starting'))
  const surplus = pickSurplus(survey.good, survey.good.length - update.desiredCount, balance)
  stopAll(surplus)
  const healthy = countOf(survey.active, 'healthy') - countOf(surplus, 'healthy')
  stopAll(pickUnhealthy(update, survey, { healthy, minimum, full: missing > 0 && room === 0 }), 'unhealthy')
  stopAll(pickOutgoing(update, survey.outgoing, healthy - minimum, balance))

  const blocked = !update.launchesHeld && !survey.moving && stop.length === 0 && missing > 0 && room === 0
  return { start, stop, blocked }
}

interface Survey {
  /** Not told to stop. */
  readonly active: readonly ServiceTask[]
  /** Active tasks of the primary deployment that may stay. */
  readonly good: readonly ServiceTask[]
  /** Active tasks that are to go although they may be healthy: of old deployments, or on DRAINING instances. */
  readonly outgoing: readonly ServiceTask[]
  readonly unhealthy: readonly ServiceTask[]
  /** While tasks are replaced by others the maximum holds, and tasks count until they are STOPPED. */
  readonly replacing: boolean
  /** Something will happen by itself: tasks that start, settle or stop. */
  readonly moving: boolean
}

const surveyOf = ({ tasks, deploymentIds }: RollingUpdate): Survey => {
  const primary = deploymentIds.at(-1)
  const isOutgoing = (task: ServiceTask): boolean => task.deploymentId !== primary || task.leaving
  const active = tasks.filter(task => !task.stopping)
  const unhealthy = active.filter(task => task.condition === 'unhealthy')
  return {
    active,
    unhealthy,
    good: active.filter(task => !isOutgoing(task) && task.condition !== 'unhealthy'),
    outgoing: active.filter(task => isOutgoing(task) && task.condition !== 'unhealthy'),
    replacing: tasks.some(task => isOutgoing(task) || task.condition === 'unhealthy'),
    moving: tasks.some(
      task => task.stopping || task.condition === 'starting' || task.condition === 'settling',
    ),
  }
}

const countOf = (tasks: readonly ServiceTask[], condition: TaskCondition): number =>
  tasks.reduce((count, task) => (task.condition === condition ? count + 1 : count), 0)

/** Scale-in: those that serve nobody yet go first. */
const pickSurplus = (
  good: readonly ServiceTask[],
  count: number,
  balance: Balance,
): readonly ServiceTask[] => {
  const picked: ServiceTask[] = []
  for (const condition of ['starting', 'settling', 'healthy'] as const) {
    if (picked.length >= count) break
    const candidates = good.filter(task => task.condition === condition)
    picked.push(...balance.pick(candidates, count - picked.length))
  }
  return picked
}

/**
 * Unhealthy tasks are replaced start-first: as many may go as healthy ones stand in for. Where the maximum leaves no
 * room to start a replacement, they go one by one. Those of old deployments go as soon as the minimum holds without them.
 */
const pickUnhealthy = (
  { desiredCount, deploymentIds, launchesHeld }: RollingUpdate,
  { unhealthy, moving }: Survey,
  { healthy, minimum, full }: { healthy: number; minimum: number; full: boolean },
): readonly ServiceTask[] => {
  if (unhealthy.length === 0) return []
  const oldestFirst = unhealthy.toSorted(
    (a, b) =>
      deploymentIds.indexOf(a.deploymentId) - deploymentIds.indexOf(b.deploymentId) ||
      a.createdAt - b.createdAt ||
      (a.id < b.id ? -1 : 1),
  )
  const old = unhealthy.filter(task => task.deploymentId !== deploymentIds.at(-1)).length
  const oneByOne = full && !moving && !launchesHeld ? 1 : 0
  const count = Math.max(healthy + unhealthy.length - desiredCount, healthy >= minimum ? old : 0, oneByOne)
  return oldestFirst.slice(0, count)
}

/**
 * Old deployments in the order of their age, then tasks on DRAINING instances. A healthy task goes only while enough
 * others remain; one that still settles counts for nothing, but it may be all that serves, so it waits for the minimum too.
 */
const pickOutgoing = (
  { deploymentIds }: RollingUpdate,
  outgoing: readonly ServiceTask[],
  spare: number,
  balance: Balance,
): readonly ServiceTask[] => {
  if (spare < 0) return []
  const picked: ServiceTask[] = outgoing.filter(task => task.condition === 'settling')
  balance.take(picked)
  const healthy = outgoing.filter(task => task.condition === 'healthy')
  let left = spare
  for (const deploymentId of deploymentIds) {
    for (const leaving of [true, false]) {
      if (left === 0) return picked
      const candidates = healthy.filter(
        task => task.deploymentId === deploymentId && task.leaving === leaving,
      )
      const chosen = balance.pick(candidates, left)
      left -= chosen.length
      picked.push(...chosen)
    }
  }
  return picked
}
