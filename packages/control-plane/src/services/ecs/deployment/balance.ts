/** Which tasks to stop so that what is left stays placed as the service's strategy says. docs/placement.md has the rules. */
import { Heap, type Ranked } from '../placement/heap.ts'
import type { ServiceTask } from './rolling-update.ts'

/** A number of an instance; of two instances, the one with the greater number gives a task first. */
export interface Fullness {
  /** With this task, which would go next, taken off. */
  readonly of: (task: ServiceTask) => number
  readonly taken: (task: ServiceTask) => void
}

export interface ScaleInOrder {
  /** What tasks are spread over, the weightiest first: the group with the most tasks gives one. */
  readonly groupings: readonly ((task: ServiceTask) => string)[]
  /** Inside the groups: `tasks` are those of the service on the instance, which decide in the end in any case. */
  readonly fullness: readonly (Fullness | 'tasks')[]
}

/** (AWS: UpdateService, "When the service scheduler stops running tasks") */
export const zoneThenInstance: ScaleInOrder = { groupings: [({ zone }) => zone], fullness: [] }

/** How many tasks of the service are somewhere. */
interface Tally {
  count: number
  /** Of an instance: its candidates in the cell that was looked at last. */
  host?: Host
}

/** An instance's candidates, the youngest last. */
interface Host extends Ranked {
  readonly instance: string
  readonly tasks: ServiceTask[]
  /** Of all tasks on the instance. */
  readonly there: Tally
  readonly cell: readonly ServiceTask[]
}

/** The instances that are in the same group of every grouping: a task taken from one moves no other in the order. */
type Cell = Heap<Host>

export class Balance {
  readonly #tasks: readonly ServiceTask[]
  readonly #order: ScaleInOrder
  /** By grouping, and then by group. */
  readonly #counts: readonly Map<string, Tally>[]
  readonly #byInstance = new Map<string, Tally>()
  #counted = false

  constructor(tasks: readonly ServiceTask[], order: ScaleInOrder = zoneThenInstance) {
    this.#tasks = tasks
    this.#order = order
    this.#counts = order.groupings.map(() => new Map())
  }

  /** Up to `count` of the candidates, in the order in which they go. */
  pick(candidates: readonly ServiceTask[], count: number): readonly ServiceTask[] {
    if (candidates.length === 0 || count <= 0) return []
    this.#countAll()
    if (count >= candidates.length) {
      this.take(candidates)
      return candidates
    }
    const cells = this.#cellsOf(candidates)
    const picked: ServiceTask[] = []
    while (picked.length < count) {
      const task = this.#takeFrom(cells)
      if (task === undefined) break
      picked.push(task)
    }
    return picked
  }

  /** Notes that these tasks go. */
  take(tasks: readonly ServiceTask[]): void {
    if (tasks.length > 0) this.#countAll()
    for (const task of tasks) this.#taken(task)
  }

  #cellsOf(candidates: readonly ServiceTask[]): readonly Cell[] {
    const { groupings } = this.#order
    const [grouping] = groupings
    const isOne = groupings.length === 1 && grouping !== undefined
    const cellOf = isOne ? grouping : (task: ServiceTask) => groupings.map(groupOf => groupOf(task)).join('|')
    const compare = (a: Host, b: Host): number => this.#compareHosts(a, b)
    return [...Map.groupBy(candidates, cellOf).values()].map(cell => new Heap(this.#hostsOf(cell), compare))
  }

  #hostsOf(cell: readonly ServiceTask[]): Host[] {
    const hosts: Host[] = []
    for (const task of cell) {
      const { instance } = task
      const there = tallyOf(this.#byInstance, instance)
      if (there.host?.cell === cell) there.host.tasks.push(task)
      else {
        there.host = { instance, tasks: [task], there, cell, position: -1 }
        hosts.push(there.host)
      }
    }
    for (const { tasks } of hosts) if (tasks.length > 1) tasks.sort(youngestLast)
    return hosts
  }

  #takeFrom(cells: readonly Cell[]): ServiceTask | undefined {
    let fullest: Cell | undefined
    for (const cell of cells)
      if (cell.first && (!fullest?.first || this.#compare(cell.first, fullest.first) < 0)) fullest = cell
    const host = fullest?.first
    const task = host?.tasks.pop()
    if (fullest === undefined || host === undefined || task === undefined) return undefined
    this.#taken(task)
    if (host.tasks.length > 0) fullest.settle(host)
    else fullest.remove(host)
    return task
  }

  /** Negative when `a` gives a task before `b`. */
  #compare(a: Host, b: Host): number {
    const [one, other] = [a.tasks.at(-1), b.tasks.at(-1)]
    if (one === undefined || other === undefined) return 0
    for (const [index, grouping] of this.#order.groupings.entries()) {
      const counts = this.#counts[index] ?? new Map()
      const more = tallyOf(counts, grouping(other)).count - tallyOf(counts, grouping(one)).count
      if (more !== 0) return more
    }
    return this.#compareHosts(a, b)
  }

  #compareHosts(a: Host, b: Host): number {
    for (const fullness of this.#order.fullness) {
      const more = fullnessOf(b, fullness) - fullnessOf(a, fullness)
      if (more !== 0) return more
    }
    return b.there.count - a.there.count || (a.instance < b.instance ? -1 : 1)
  }

  #taken(task: ServiceTask): void {
    this.#count(task, -1)
    for (const fullness of this.#order.fullness) if (fullness !== 'tasks') fullness.taken(task)
  }

  /** Only when there is something to choose: there may be thousands of tasks. */
  #countAll(): void {
    if (this.#counted) return
    this.#counted = true
    for (const task of this.#tasks) this.#count(task, 1)
  }

  #count(task: ServiceTask, step: 1 | -1): void {
    const { groupings } = this.#order
    for (let index = 0; index < groupings.length; index++) {
      const [counts, grouping] = [this.#counts[index], groupings[index]]
      if (counts && grouping) tallyOf(counts, grouping(task)).count += step
    }
    tallyOf(this.#byInstance, task.instance).count += step
  }
}

const fullnessOf = ({ tasks, there }: Host, fullness: Fullness | 'tasks'): number => {
  if (fullness === 'tasks') return there.count
  const next = tasks.at(-1)
  return next === undefined ? 0 : fullness.of(next)
}

const tallyOf = (tallies: Map<string, Tally>, name: string): Tally => {
  let tally = tallies.get(name)
  if (tally === undefined) {
    tally = { count: 0 }
    tallies.set(name, tally)
  }
  return tally
}

const youngestLast = (a: ServiceTask, b: ServiceTask): number =>
  a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)
