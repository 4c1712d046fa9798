import type { Task } from '@aws-sdk/client-ecs'
import {
  type Acknowledged,
  clusterOf,
  type ServiceWish,
  type SpecifiedService,
  serviceKey,
} from '../clients/acknowledged.ts'
import type { SimHost } from '../hosts/host.ts'
import { taskSettleMs } from '../servers/sim-server.ts'
import type { Checker, Observation, TaskNeeds } from './checker.ts'

/** A wish counts for so long before and after it was replaced: observations and clocks are not exact. */
const BLUR_MS = 5_000

interface Seen {
  readonly task: Task
  /** It was shown HEALTHY now or the time before. */
  readonly isShownHealthy: boolean
  /** It was the time before, and still is: whoever stopped it since had not heard that it is UNHEALTHY. */
  readonly staysHealthy: boolean
}

interface Surroundings {
  readonly known: Acknowledged
  readonly needs: ReadonlyMap<string, TaskNeeds>
  readonly hosts: readonly SimHost[]
  readonly seen: ReadonlyMap<string, Seen>
}

/** By its own doing the scheduler exceeds no maximum and stops nobody that the minimum needs. */
export const serviceLimits = (
  known: Acknowledged,
  needs: ReadonlyMap<string, TaskNeeds>,
  hosts: readonly SimHost[],
): Checker => {
  const seen = new Map<string, Seen>()
  const surroundings: Surroundings = { known, needs, hosts, seen }
  let previousAt = 0
  return {
    name: 'service-limits',
    learn: ({ tasks, at, trueTime }) => {
      const fresh: Task[] = []
      const stopped: Task[] = []
      for (const [arn, task] of tasks) {
        const before = seen.get(arn)
        if (before === undefined) fresh.push(task)
        if (before?.task.stoppingAt === undefined && isScaling(task)) stopped.push(task)
        const shown = [task, before?.task].map(one => one?.healthStatus === 'HEALTHY')
        seen.set(arn, { task, isShownHealthy: shown.includes(true), staysHealthy: !shown.includes(false) })
      }
      const since = previousAt
      previousAt = at
      return tooMany(surroundings, fresh, { from: since, to: at }) ?? tooFew(surroundings, stopped, trueTime)
    },
  }
}

const isScaling = ({ stoppingAt, stoppedReason }: Task): boolean =>
  stoppingAt !== undefined && stoppedReason?.startsWith('Scaling activity') === true

const keyOf = ({ clusterArn, group }: Task): string => serviceKey(clusterOf(clusterArn), group)

const tooMany = (
  { known, seen }: Surroundings,
  fresh: readonly Task[],
  window: { readonly from: number; readonly to: number },
): string | undefined => {
  for (const key of new Set(fresh.map(keyOf))) {
    const wishes = wishesFor(known, key, window.from - BLUR_MS, window.to)
    if (wishes.length === 0) continue
    const wanted = [...seen.values()].filter(
      ({ task }) => keyOf(task) === key && task.desiredStatus === 'RUNNING',
    ).length
    const most = Math.max(...wishes.map(wish => Math.floor((wish.desiredCount * wish.maximum) / 100)))
    if (wanted > most) return `${key} has ${wanted} tasks that are to run, and may have ${most}`
  }
  return undefined
}

const tooFew = (
  surroundings: Surroundings,
  stopped: readonly Task[],
  trueTime: Observation['trueTime'],
): string | undefined => {
  const { known, seen } = surroundings
  for (const task of stopped) {
    const at = task.stoppingAt?.getTime() ?? 0
    const when = trueTime(task.stoppingAt)
    const own = seen.get(task.taskArn ?? '')
    const isChecked = surroundings.needs.get(task.taskDefinitionArn ?? '')?.isChecked
    if (isChecked && !own?.staysHealthy) continue
    if (!own || !wasHealthy({ ...own, task: { ...task, stoppingAt: undefined } }, surroundings, { at, when }))
      continue
    const key = keyOf(task)
    const wishes = wishesFor(known, key, when - BLUR_MS, when + BLUR_MS)
    if (wishes.length === 0) continue
    const least = Math.min(...wishes.map(wish => Math.ceil((wish.desiredCount * wish.minimum) / 100)))
    const healthy = [...seen.values()].filter(
      one => keyOf(one.task) === key && wasHealthy(one, surroundings, { at, when }),
    ).length
    if (healthy < least)
      return `${task.taskArn} of ${key} was stopped, which left ${healthy} healthy tasks, and ${least} are needed`
  }
  return undefined
}

/** Whether the task may have counted as healthy then. One with a health check may have been so between two readings. */
const wasHealthy = (
  { task, isShownHealthy }: Seen,
  { needs, hosts }: Surroundings,
  { at, when }: { readonly at: number; readonly when: number },
): boolean => {
  const { startedAt, stoppingAt, taskArn = '', taskDefinitionArn = '' } = task
  if (startedAt === undefined || startedAt.getTime() > at) return false
  if (stoppingAt !== undefined && stoppingAt.getTime() <= at) return false
  if (!needs.get(taskDefinitionArn)?.isChecked) return startedAt.getTime() + taskSettleMs <= at
  const containers = hosts.flatMap(({ engine }) => engine.ever.get(taskArn) ?? [])
  return isShownHealthy || containers.some(({ healthyAt = 0 }) => healthyAt >= when - 2 * BLUR_MS)
}

/** What the service may have been asked to be at some moment of the window. Empty when it may have been deleted. */
const wishesFor = (
  known: Acknowledged,
  key: string,
  from: number,
  to: number,
): readonly SpecifiedService[] => {
  const wishes: readonly ServiceWish[] = known.services.within(key, from, to, BLUR_MS)
  return wishes.some(wish => typeof wish === 'string') ? [] : (wishes as readonly SpecifiedService[])
}
