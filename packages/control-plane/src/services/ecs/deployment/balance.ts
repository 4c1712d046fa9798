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
    const zones = [...Map.groupBy(candidates, task => task.zone).values()].map(tasks => this.#queueOf(tasks))
    const picked: ServiceTask[] = []
    while (picked.length < count) {
      const task = this.#takeFrom(zones)
      if (task === undefined) break
      picked.push(task)
    }
    return picked
  }

  /** Notes that these tasks go. */
  take(tasks: readonly ServiceTask[]): void {
    if (tasks.length > 0) this.#countAll()
    for (const task of tasks) this.#count(task, -1)
  }

  /** One zone's candidates by instance, the fullest instance last: each count of tasks changes one instance's place. */
  #queueOf(candidates: readonly ServiceTask[]): ServiceTask[][] {
    const instances = [...Map.groupBy(candidates, task => task.instance).values()]
    for (const tasks of instances) tasks.sort(youngestLast)
    return instances.sort((a, b) => this.#compare(a, b))
  }

  #takeFrom(zones: readonly ServiceTask[][][]): ServiceTask | undefined {
    let fullest: ServiceTask[][] | undefined
    for (const zone of zones)
      if (zone.length > 0 && (!fullest || this.#compare(fullest.at(-1), zone.at(-1)) < 0)) fullest = zone
    const tasks = fullest?.pop()
    const task = tasks?.pop()
    if (fullest === undefined || tasks === undefined || task === undefined) return undefined
    this.#count(task, -1)
    if (tasks.length > 0) fullest.splice(this.#placeOf(fullest, tasks), 0, tasks)
    return task
  }

  #placeOf(zone: readonly ServiceTask[][], tasks: ServiceTask[]): number {
    let low = 0
    let high = zone.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(zone[middle], tasks) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Of two instances' candidates, which has to give one sooner: it comes last. */
  #compare(one: readonly ServiceTask[] | undefined, other: readonly ServiceTask[] | undefined): number {
    const [a, b] = [one?.[0], other?.[0]]
    if (a === undefined || b === undefined) return 0
    return (
      countOf(this.#byZone, a.zone) - countOf(this.#byZone, b.zone) ||
      countOf(this.#byInstance, a.instance) - countOf(this.#byInstance, b.instance) ||
      (a.instance > b.instance ? -1 : 1)
    )
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

const countOf = (counts: ReadonlyMap<string, number>, name: string): number => counts.get(name) ?? 0

const youngestLast = (a: ServiceTask, b: ServiceTask): number =>
  a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)
