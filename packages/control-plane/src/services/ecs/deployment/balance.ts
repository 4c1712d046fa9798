import type { ServiceTask } from './rolling-update.ts'

/**
 * Which tasks to stop so that the zones stay balanced: one in the zone with the most tasks of this service, there on
 * the instance with the most, there the youngest. (AWS: UpdateService, "When the service scheduler stops running tasks")
 */
export class Balance {
  readonly #tasks: readonly ServiceTask[]
  readonly #byZone = new Map<string, number>()
  readonly #byInstance = new Map<string, number>()
  #counted = false

  constructor(tasks: readonly ServiceTask[]) {
    this.#tasks = tasks
  }

  /** Up to `count` of the candidates, in the order in which they go. */
  pick(candidates: readonly ServiceTask[], count: number): readonly ServiceTask[] {
    if (candidates.length === 0 || count <= 0) return []
    this.#countAll()
    if (count >= candidates.length) {
      this.take(candidates)
      return candidates
    }
    const groups = [...Map.groupBy(candidates, task => task.instance).values()]
    for (const group of groups) group.sort(youngestLast)
    const picked: ServiceTask[] = []
    while (picked.length < count) {
      const task = this.#fullest(groups)?.pop()
      if (task === undefined) break
      this.#count(task, -1)
      picked.push(task)
    }
    return picked
  }

  /** Notes that these tasks go. */
  take(tasks: readonly ServiceTask[]): void {
    if (tasks.length > 0) this.#countAll()
    for (const task of tasks) this.#count(task, -1)
  }

  #fullest(groups: readonly ServiceTask[][]): ServiceTask[] | undefined {
    let fullest: ServiceTask[] | undefined
    let most = { zone: 0, instance: 0, name: '' }
    for (const group of groups) {
      const task = group.at(-1)
      if (task === undefined) continue
      const here = {
        zone: this.#byZone.get(task.zone) ?? 0,
        instance: this.#byInstance.get(task.instance) ?? 0,
        name: task.instance,
      }
      if (fullest && !isFuller(here, most)) continue
      fullest = group
      most = here
    }
    return fullest
  }

  /** Only when there is something to choose: there may be thousands of tasks. */
  #countAll(): void {
    if (this.#counted) return
    this.#counted = true
    for (const task of this.#tasks) this.#count(task, 1)
  }

  #count(task: ServiceTask, step: 1 | -1): void {
    this.#byZone.set(task.zone, (this.#byZone.get(task.zone) ?? 0) + step)
    this.#byInstance.set(task.instance, (this.#byInstance.get(task.instance) ?? 0) + step)
  }
}

interface Fullness {
  readonly zone: number
  readonly instance: number
  readonly name: string
}

const isFuller = (a: Fullness, b: Fullness): boolean =>
  a.zone !== b.zone ? a.zone > b.zone : a.instance !== b.instance ? a.instance > b.instance : a.name < b.name

const youngestLast = (a: ServiceTask, b: ServiceTask): number =>
  a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)
