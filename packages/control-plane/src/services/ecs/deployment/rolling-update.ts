/**
 * What a rolling update does next: how many tasks to start and which to stop. Pure arithmetic over the service's tasks,
 * made anew each time, so that it does not matter how the service got into its state. docs/deployments.md has the rules
 * with their sources.
 */
import type { Millis } from '../../../store/table.ts'
import { Balance, type ScaleInOrder } from './balance.ts'

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
  /** Not to be stopped for scale-in or for a deployment; for every other cause it is. */
  readonly isProtected: boolean
  readonly instance: string
  readonly zone: string
  readonly createdAt: Millis
}

/** What a rolling update replaces, and what serves until it has. */
export interface Source {
  readonly deploymentId: string
  /** It never gets more tasks than this. */
  readonly desiredCount: number
  readonly launchesHeld: boolean
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
  /** No more tasks than this are chosen to be stopped; the others are when it is asked again. */
  readonly stopsAtOnce: number
  /** Absent: zones, then instances. */
  readonly scaleInOrder?: ScaleInOrder
  /** Absent: what old deployments lose is not started again. */
  readonly source?: Source | undefined
}

export interface Stop {
  readonly task: ServiceTask
  readonly because: 'scaling' | 'unhealthy'
}

export interface Decision {
  readonly start: number
  /** Tasks of the source. */
  readonly startOfSource?: number
  readonly stop: readonly Stop[]
  readonly hasMoreToStop: boolean
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
  const isReplacing = survey.replacing || update.source !== undefined
  const room = isReplacing ? Math.max(0, maximum - update.tasks.length) : missing
  const needed = neededOfSource(update, survey, minimum)
  const { start, startOfSource } = sharedRoom(update, {
    wanted: update.launchesHeld ? 0 : missing,
    lacking: needed - survey.sourceHas,
    room,
    ofPrimary: Math.max(0, maximum - minimum - survey.ofPrimary),
  })

  const balance = new Balance(survey.active, update.scaleInOrder)
  // One more than may be stopped, which says that there are more.
  const atMost = update.stopsAtOnce + 1
  const surplus = pickSurplus(
    survey.good,
    Math.min(survey.good.length - update.desiredCount, atMost),
    survey.healthy - minimum,
    balance,
  )
  const healthy = survey.healthy - surplus.filter(({ condition }) => condition === 'healthy').length
  const unhealthy = pickUnhealthy(update, survey, { healthy, minimum, full: missing > 0 && room === 0 })
  const outgoing = pickOutgoing(update, survey.outgoing, Math.min(healthy - minimum, atMost), balance)
  const stop = [
    ...startingToStop(update, survey, needed).map(scaling),
    ...surplus.map(scaling),
    ...unhealthy.map(task => ({ task, because: 'unhealthy' as const })),
    ...outgoing.map(scaling),
  ]
  const blocked = !update.launchesHeld && !survey.moving && stop.length === 0 && missing > 0 && room === 0
  return {
    start,
    ...(update.source && { startOfSource }),
    stop: stop.slice(0, update.stopsAtOnce),
    hasMoreToStop: stop.length > update.stopsAtOnce,
    blocked,
  }
}

/** How many tasks of the source the minimum needs beside the healthy ones of other deployments. */
const neededOfSource = (
  { source }: RollingUpdate,
  { healthyBesideSource }: Survey,
  minimum: number,
): number =>
  source === undefined ? 0 : Math.min(source.desiredCount, Math.max(0, minimum - healthyBesideSource))

/**
 * What the source lacks comes first, but for the room beyond the minimum, which is the new deployment's up to the last
 * place: where the source is the one that fails, the new one still gets on.
 */
const sharedRoom = (
  { source }: RollingUpdate,
  share: { wanted: number; lacking: number; room: number; ofPrimary: number },
): { readonly start: number; readonly startOfSource: number } => {
  const isShared = share.lacking > 0 && share.room > 1
  const first = Math.min(share.wanted, share.ofPrimary, isShared ? share.room - 1 : share.room)
  const startOfSource = source?.launchesHeld ? 0 : Math.max(0, Math.min(share.lacking, share.room - first))
  return { start: Math.min(share.wanted, share.room - startOfSource), startOfSource }
}

/** But for those of the source that it needs, and that may start where they are. */
const startingToStop = (
  { source }: RollingUpdate,
  { outgoingStarting, sourceHas }: Survey,
  needed: number,
): readonly ServiceTask[] => {
  const mayStay = (task: ServiceTask): boolean => task.deploymentId === source?.deploymentId && !task.leaving
  const ofSource = outgoingStarting.filter(mayStay)
  const surplus = Math.min(ofSource.length, Math.max(0, sourceHas - needed))
  return [...outgoingStarting.filter(task => !mayStay(task)), ...ofSource.slice(ofSource.length - surplus)]
}

const scaling = (task: ServiceTask): Stop => ({ task, because: 'scaling' })

interface Survey {
  /** Not told to stop. */
  readonly active: ServiceTask[]
  /** Active tasks of the primary deployment that may stay. */
  readonly good: ServiceTask[]
  /**
   * Active tasks that run, and are to go although they may be healthy: of old deployments, or on DRAINING instances.
   */
  readonly outgoing: ServiceTask[]
  /** The same, of those that do not run yet. */
  readonly outgoingStarting: ServiceTask[]
  readonly unhealthy: ServiceTask[]
  /** How many active tasks are healthy. */
  healthy: number
  /** The same, of other deployments than the source. */
  healthyBesideSource: number
  /** How many active tasks the primary deployment has. */
  ofPrimary: number
  /** How many active tasks of the source serve, or will. */
  sourceHas: number
  /** While tasks are replaced by others the maximum holds, and tasks count until they are STOPPED. */
  replacing: boolean
  /** Something will happen by itself: tasks that start, settle or stop. */
  moving: boolean
}

const surveyOf = ({ tasks, deploymentIds, source }: RollingUpdate): Survey => {
  const primary = deploymentIds.at(-1)
  const survey: Survey = {
    active: [],
    good: [],
    outgoing: [],
    outgoingStarting: [],
    unhealthy: [],
    healthy: 0,
    healthyBesideSource: 0,
    ofPrimary: 0,
    sourceHas: 0,
    replacing: false,
    moving: false,
  }
  for (const task of tasks) {
    const { condition } = task
    const isOutgoing = task.deploymentId !== primary || task.leaving
    if (isOutgoing || condition === 'unhealthy') survey.replacing = true
    if (task.stopping || condition === 'starting' || condition === 'settling') survey.moving = true
    if (task.stopping) continue
    survey.active.push(task)
    if (condition === 'healthy') survey.healthy += 1
    const goesAtOnce = condition === 'unhealthy' || (condition === 'starting' && task.leaving)
    const isOfSource = task.deploymentId === source?.deploymentId
    if (isOfSource && !goesAtOnce) survey.sourceHas += 1
    if (!isOfSource && condition === 'healthy') survey.healthyBesideSource += 1
    if (task.deploymentId === primary) survey.ofPrimary += 1
    if (condition === 'unhealthy') survey.unhealthy.push(task)
    else if (!isOutgoing) survey.good.push(task)
    else if (task.isProtected && !task.leaving) continue
    else if (condition === 'starting') survey.outgoingStarting.push(task)
    else survey.outgoing.push(task)
  }
  return survey
}

/** Scale-in: those that serve nobody yet go first. Where they are protected, healthy ones go only as far as the minimum lets them. */
const pickSurplus = (
  good: readonly ServiceTask[],
  count: number,
  spareHealthy: number,
  balance: Balance,
): readonly ServiceTask[] => {
  const picked: ServiceTask[] = []
  for (const condition of ['starting', 'settling', 'healthy'] as const) {
    if (picked.length >= count) break
    const candidates = good.filter(task => task.condition === condition && !task.isProtected)
    const most =
      condition === 'healthy' ? Math.min(count - picked.length, spareHealthy) : count - picked.length
    picked.push(...balance.pick(candidates, most))
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
