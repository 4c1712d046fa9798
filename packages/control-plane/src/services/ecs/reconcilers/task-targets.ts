/**
 * Registers the tasks of services with the target groups of their load balancers, once they can be reached; deregisters
 * those that are to stop; and tells the services what the load balancers find. What services say of it is in
 * target-events.ts. (AWS: "Use load balancing to distribute Amazon ECS service traffic")
 */
import {
  type Expectation,
  type Plan,
  put,
  type Reconciler,
  remove,
  type Step,
  type Surroundings,
  unchanged,
} from '../../../control-loop/plan.ts'
import type { View } from '../../../store/view.ts'
import { type TargetRow, targets } from '../../elbv2/index.ts'
import { type TaskTarget, targetsOfTask } from '../load-balancing/targets-of-task.ts'
import { type Counts, type TaskRow, type TaskTargetHealth, targetNews, tasks } from '../tables/index.ts'

const nothing: Plan = { expects: [], steps: [] }

/** A key is a task's ARN, also of one that is gone. */
export const taskTargetReconciler: Reconciler = {
  name: 'ecs.task-targets',
  keys: function* (view) {
    for (const { id } of view.where(tasks, 'balanced', 'balanced')) yield id
    for (const { taskArn } of view.all(targets))
      if (taskArn !== undefined && !view.get(tasks, taskArn)) yield taskArn
  },
  tables: [tasks, targets],
  keysOf: ({ table, id, before, after }) => {
    if (table.name === tasks.name)
      return concerns(before as TaskRow | undefined, after as TaskRow | undefined) ? [id] : []
    const owners = [before, after].flatMap(row => (row as TargetRow | undefined)?.taskArn ?? [])
    return [...new Set(owners)]
  },
  reconcile: (view, key, surroundings) => {
    const task = view.get(tasks, key)
    const own = [...view.where(targets, 'byTask', key)]
    if (task === undefined || task.lastStatus === 'STOPPED') return ended(view, key, own)
    if (task.desiredStatus === 'STOPPED') return draining(view, task, own, surroundings)
    return serving(view, task, own, surroundings)
  },
}

const concerns = (before: TaskRow | undefined, after: TaskRow | undefined): boolean =>
  (before ?? after)?.targetHealth !== undefined &&
  (before?.lastStatus !== after?.lastStatus ||
    before?.desiredStatus !== after?.desiredStatus ||
    before?.containers !== after?.containers)

/** Nothing of it can answer any more: there is nothing to drain. */
const ended = (view: View, taskArn: string, own: readonly TargetRow[]): Plan => ({
  expects: [unchanged(view, tasks, taskArn), ...own.map(({ id }) => unchanged(view, targets, id))],
  steps: own.map(({ id }) => remove(targets, id)),
})

const draining = (view: View, task: TaskRow, own: readonly TargetRow[], surroundings: Surroundings): Plan => {
  const open = own.filter(({ drainingSince }) => drainingSince === undefined)
  if (open.length === 0) return nothing
  return {
    expects: [...asSeen(view, task), ...open.map(({ id }) => unchanged(view, targets, id))],
    steps: [
      ...open.map(row => put(targets, { ...row, drainingSince: surroundings.now })),
      ...noted(view, task, surroundings, {
        deregistered: groupsOf(open),
        draining: [task.deploymentId ?? ''],
      }),
    ],
  }
}

const serving = (view: View, task: TaskRow, own: readonly TargetRow[], surroundings: Surroundings): Plan => {
  const wanted = targetsOfTask(view, task)
  if (wanted === undefined) return nothing
  const missing = wanted.filter(({ id }) => !own.some(row => row.id === id))
  const targetHealth = missing.length > 0 ? ({ state: 'initial' } as const) : healthOf(wanted, own)
  const isNews = !sameHealth(task.targetHealth, targetHealth)
  if (missing.length === 0 && !isNews) return nothing
  return {
    expects: [...asSeen(view, task), ...wanted.map(({ id }) => unchanged(view, targets, id))],
    steps: [
      ...missing.map(target => put(targets, registered(target, task, surroundings))),
      ...noted(view, task, surroundings, { registered: groupsOf(missing) }),
      ...(isNews ? [put(tasks, { ...task, targetHealth })] : []),
    ],
  }
}

/** In the place of whatever had its port before: that has ended, or it would have the port still. */
const registered = (
  { availabilityZone, ...target }: TaskTarget,
  task: TaskRow,
  { now }: Surroundings,
): TargetRow => ({
  ...target,
  ...(availabilityZone !== undefined && { availabilityZone }),
  taskArn: task.id,
  registeredAt: now,
})

/** The task, and what is noted for its service to say: what others have noted meanwhile must not be lost. */
const asSeen = (view: View, { id, serviceArn }: TaskRow): Expectation[] => [
  unchanged(view, tasks, id),
  ...(serviceArn === undefined ? [] : [unchanged(view, targetNews, serviceArn)]),
]

const groupsOf = (rows: readonly Pick<TargetRow, 'targetGroupArn'>[]): readonly string[] =>
  rows.map(({ targetGroupArn }) => targetGroupArn)

type News = Partial<Record<'registered' | 'deregistered' | 'draining', readonly string[]>>

/** For its service to say, with what others of its tasks do in the same moment. */
const noted = (view: View, { serviceArn }: TaskRow, { now }: Surroundings, news: News): Step[] => {
  if (serviceArn === undefined || Object.values(news).every(names => names.length === 0)) return []
  const before = view.get(targetNews, serviceArn)
  return [
    put(targetNews, {
      id: serviceArn,
      since: before?.since ?? now,
      registered: withMore(before?.registered, news.registered),
      deregistered: withMore(before?.deregistered, news.deregistered),
      draining: withMore(before?.draining, news.draining),
    }),
  ]
}

const withMore = (counts: Counts = {}, names: readonly string[] = []): Counts => {
  const all = { ...counts }
  for (const name of names) all[name] = (all[name] ?? 0) + 1
  return all
}

/** Undefined where every target group was deleted: then none says anything of it. */
const healthOf = (wanted: readonly TaskTarget[], own: readonly TargetRow[]): TaskTargetHealth | undefined => {
  if (wanted.length === 0) return undefined
  const rows = own.filter(({ id }) => wanted.some(target => target.id === id))
  const unhealthy = rows.find(({ health }) => health?.state === 'unhealthy')
  if (unhealthy) {
    const { targetGroupArn, port, health } = unhealthy
    const reason = health?.description ?? health?.reason ?? 'Health checks failed'
    return { state: 'unhealthy', targetGroupArn, port, reason }
  }
  // Somebody has deregistered it by hand: nothing says that it serves.
  const serves = ({ health, drainingSince }: TargetRow) =>
    health?.state === 'healthy' && drainingSince === undefined
  return { state: rows.every(serves) ? 'healthy' : 'initial' }
}

const sameHealth = (one: TaskTargetHealth | undefined, other: TaskTargetHealth | undefined): boolean =>
  one?.state === other?.state &&
  (one?.state !== 'unhealthy' ||
    other?.state !== 'unhealthy' ||
    (one.targetGroupArn === other.targetGroupArn && one.reason === other.reason))
