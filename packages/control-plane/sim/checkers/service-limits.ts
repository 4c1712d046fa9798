import type { Task } from '@aws-sdk/client-ecs'
import { taskSettleMs } from '../servers/sim-server.ts'
import type { Acknowledged, ServiceWish } from './acknowledged-writes.ts'
import type { Checker } from './checker.ts'

/** A wish counts for so long before and after it was replaced: observations and clocks are not exact. */
const BLUR_MS = 5_000

type Specified = Exclude<ServiceWish, string>

/** By its own doing the scheduler exceeds no maximum and stops nobody that the minimum needs. */
export const serviceLimits = (known: Acknowledged): Checker => {
  const seen = new Map<string, Task>()
  let previousAt = 0
  return {
    name: 'service-limits',
    learn: ({ tasks, at }) => {
      const fresh: Task[] = []
      const stopped: Task[] = []
      for (const [arn, task] of tasks) {
        const before = seen.get(arn)
        if (before === undefined) fresh.push(task)
        if (before?.stoppingAt === undefined && isScaling(task)) stopped.push(task)
        seen.set(arn, task)
      }
      const since = previousAt
      previousAt = at
      return tooMany(known, seen, fresh, { from: since, to: at }) ?? tooFew(known, seen, stopped)
    },
  }
}

const isScaling = ({ stoppingAt, stoppedReason }: Task): boolean =>
  stoppingAt !== undefined && stoppedReason?.startsWith('Scaling activity') === true

const tooMany = (
  known: Acknowledged,
  seen: ReadonlyMap<string, Task>,
  fresh: readonly Task[],
  window: { readonly from: number; readonly to: number },
): string | undefined => {
  for (const group of new Set(fresh.map(task => task.group ?? ''))) {
    const wishes = wishesFor(known, group, window.from - BLUR_MS, window.to)
    if (wishes.length === 0) continue
    const wanted = [...seen.values()].filter(
      task => task.group === group && task.desiredStatus === 'RUNNING',
    ).length
    const most = Math.max(...wishes.map(wish => Math.floor((wish.desiredCount * wish.maximum) / 100)))
    if (wanted > most) return `${group} has ${wanted} tasks that are to run, and may have ${most}`
  }
  return undefined
}

const tooFew = (
  known: Acknowledged,
  seen: ReadonlyMap<string, Task>,
  stopped: readonly Task[],
): string | undefined => {
  for (const { group = '', stoppingAt, startedAt, taskArn } of stopped) {
    const at = stoppingAt?.getTime() ?? 0
    if (startedAt === undefined || startedAt.getTime() + taskSettleMs > at) continue
    const wishes = wishesFor(known, group, at - BLUR_MS, at + BLUR_MS)
    if (wishes.length === 0) continue
    const least = Math.min(...wishes.map(wish => Math.ceil((wish.desiredCount * wish.minimum) / 100)))
    const healthy = [...seen.values()].filter(task => task.group === group && isHealthy(task, at)).length
    if (healthy < least)
      return `${taskArn} of ${group} was stopped, which left ${healthy} healthy tasks, and ${least} are needed`
  }
  return undefined
}

const isHealthy = ({ startedAt, stoppingAt }: Task, at: number): boolean =>
  startedAt !== undefined &&
  startedAt.getTime() + taskSettleMs <= at &&
  (stoppingAt === undefined || stoppingAt.getTime() > at)

/** What the service may have been asked to be at some moment of the window. Empty when it may have been deleted. */
const wishesFor = (known: Acknowledged, group: string, from: number, to: number): readonly Specified[] => {
  const uttered = known.wishes.get(group.replace('service:', '')) ?? []
  const inWindow = uttered.filter(({ at }, index) => {
    const replacedAt = uttered[index + 1]?.at ?? Number.POSITIVE_INFINITY
    return at <= to && replacedAt + BLUR_MS >= from
  })
  const wishes = inWindow.flatMap(entry => entry.wishes)
  return wishes.some(wish => typeof wish === 'string') ? [] : (wishes as readonly Specified[])
}
