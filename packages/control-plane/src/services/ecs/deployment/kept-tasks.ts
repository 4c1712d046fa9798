/**
 * The tasks of large services as decisions look at them. To read them all takes longer than a turn of the event loop may, and
 * between two looks few of them change: so they are read in slices, kept, and only what has changed is read again.
 */
import type { Millis } from '../../../store/table.ts'
import type { View } from '../../../store/view.ts'
import { clusters, type DeploymentRow, type ServiceRow, type TaskRow, tasks } from '../tables/index.ts'
import { isProtected } from '../task-protection.ts'
import type { ServiceTask } from './rolling-update.ts'
import { conditionOf, type HealthSettings, serviceTaskOf } from './task-condition.ts'

/** Services with fewer tasks are read anew each time: a look at so many stays well below a turn. */
const leastKept = 2_500
/** So many rows are read in one slice. */
const slice = 2_500
/** So many services are kept of a store; a task takes some 200 bytes. */
const keptPerStore = 16

export interface LookedAt {
  readonly task: ServiceTask
  /** When time alone may change its condition. */
  readonly until: Millis | undefined
  /** When its protection ends. */
  readonly protectedUntil: Millis | undefined
}

export const lookAt = (row: TaskRow, service: ServiceRow, health: HealthSettings, now: Millis): LookedAt => {
  const { condition, until } = conditionOf(row, health, now)
  // A service that is deleted keeps nothing.
  const isShielded = service.status === 'ACTIVE' && isProtected(row, now)
  return {
    task: serviceTaskOf(row, condition, isShielded),
    until,
    protectedUntil: isShielded ? row.protectedUntil : undefined,
  }
}

/** All of a service's tasks that are not STOPPED; undefined: the next slice is still to be read. */
export const tasksOfService = (
  view: View,
  service: ServiceRow,
  deployments: readonly DeploymentRow[],
  health: HealthSettings,
  now: Millis,
): Iterable<LookedAt> | undefined => {
  const count = deployments.reduce((sum, { id }) => sum + view.count(tasks, 'byDeployment', id), 0)
  if (count < leastKept) return readAll(view, service, deployments, health, now)
  const kept = keptOf(view, service, health)
  kept.follow(view, service, now)
  return kept.read(view, service, deployments, now, slice) ? kept.all() : undefined
}

export function* readAll(
  view: View,
  service: ServiceRow,
  deployments: readonly DeploymentRow[],
  health: HealthSettings,
  now: Millis,
): Iterable<LookedAt> {
  for (const { id } of deployments)
    for (const row of view.where(tasks, 'byDeployment', id)) yield lookAt(row, service, health, now)
}

export class KeptTasks {
  /** What the tasks were looked at with: with anything else they are read again. */
  readonly #key: string
  readonly #health: HealthSettings
  readonly #tasks = new Map<string, LookedAt>()
  /** Those that time alone may change. */
  readonly #timed = new Set<string>()
  /** Up to which changes of tasks these are known. */
  #mark: number | undefined
  /** Deployments that have been read, and how far the next one is; both are of the first reading alone. */
  readonly #read = new Set<string>()
  #after: string | undefined

  constructor(key: string, health: HealthSettings) {
    this.#key = key
    this.#health = health
  }

  isFor(key: string): boolean {
    return this.#key === key
  }

  all(): Iterable<LookedAt> {
    return this.#tasks.values()
  }

  /** Reads again what has changed; where that is too much to be known, everything is to be read anew. */
  follow(view: View, service: ServiceRow, now: Millis): void {
    const { keys, mark } = view.changedTotals(tasks, 'changes', this.#mark)
    const isFirst = this.#mark === undefined
    this.#mark = mark
    if (keys === undefined && !isFirst) {
      this.#forget()
      return
    }
    for (const id of keys ?? []) this.#lookAgain(view.get(tasks, id), id, service, now)
    for (const id of [...this.#timed]) {
      const { until = Number.POSITIVE_INFINITY, protectedUntil = Number.POSITIVE_INFINITY } =
        this.#tasks.get(id) ?? {}
      if (now >= Math.min(until, protectedUntil)) this.#lookAgain(view.get(tasks, id), id, service, now)
    }
  }

  /**
   * So many rows; true when there is nothing left to read. What comes after the first reading is known by its changes.
   */
  read(
    view: View,
    service: ServiceRow,
    deployments: readonly DeploymentRow[],
    now: Millis,
    atMost: number,
  ): boolean {
    let left = atMost
    for (const { id } of deployments) {
      if (this.#read.has(id)) continue
      for (const row of view.where(tasks, 'byDeployment', id, this.#after)) {
        if (left-- === 0) return false
        this.#keep(row, service, now)
        this.#after = row.id
      }
      this.#read.add(id)
      this.#after = undefined
    }
    return true
  }

  #forget(): void {
    this.#tasks.clear()
    this.#timed.clear()
    this.#read.clear()
    this.#after = undefined
  }

  #lookAgain(row: TaskRow | undefined, id: string, service: ServiceRow, now: Millis): void {
    if (row !== undefined && row.serviceArn !== service.id) return
    this.#tasks.delete(id)
    this.#timed.delete(id)
    if (row !== undefined && row.lastStatus !== 'STOPPED') this.#keep(row, service, now)
  }

  #keep(row: TaskRow, service: ServiceRow, now: Millis): void {
    const looked = lookAt(row, service, this.#health, now)
    this.#tasks.set(row.id, looked)
    if (looked.until !== undefined || looked.protectedUntil !== undefined) this.#timed.add(row.id)
  }
}

/** One object a store, which every view of it shows. */
const storeMark = (): object => ({})

/** By store, and then by service. */
const kept = new WeakMap<object, Map<string, KeptTasks>>()

const keptOf = (view: View, service: ServiceRow, health: HealthSettings): KeptTasks => {
  const mark = view.derived(clusters, storeMark)
  const ofStore = kept.get(mark) ?? new Map<string, KeptTasks>()
  kept.set(mark, ofStore)
  const key = `${service.createdAt}|${service.status}|${health.gracePeriodMs}|${health.taskSettleMs}`
  const known = ofStore.get(service.id)
  const found = known?.isFor(key) ? known : new KeptTasks(key, health)
  // The one that was asked for last is the last to be forgotten.
  ofStore.delete(service.id)
  ofStore.set(service.id, found)
  const [oldest] = ofStore.keys()
  if (ofStore.size > keptPerStore && oldest !== undefined) ofStore.delete(oldest)
  return found
}
