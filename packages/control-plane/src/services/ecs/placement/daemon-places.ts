/**
 * Which instances are to have a task of a DAEMON service, and which of them have none. A cluster has thousands of
 * instances, of which few change between two looks: so the answer is kept, and only what has changed is read again.
 * (AWS: "Amazon ECS service deployment controllers and strategies", "Daemon scheduling strategy")
 */
import type { View } from '../../../store/view.ts'
import { zonesOfConfiguration } from '../networking/network-configuration.ts'
import {
  type ContainerInstanceRow,
  clusters,
  containerInstances,
  daemonPlaceKey,
  type ServiceRow,
  type TaskDefinitionRow,
  tasks,
} from '../tables/index.ts'
import { serviceGroup } from '../task-creation.ts'
import { candidateOf, groupCounts, takeTask } from './candidate.ts'
import { type Filters, filtersOf, type Refusal, refusalOf } from './filters.ts'
import type { Choice, PlacementRequest } from './place.ts'
import { requirementsOf } from './task-requirements.ts'

/** Whether an instance fits may change with the tasks that it has. */
const followsTasks = /task:group|runningTasksCount/

export class DaemonPlaces {
  readonly #serviceArn: string
  readonly #request: PlacementRequest
  readonly #filters: Filters
  /** Whether what fits has to be looked at again after a change of the tasks of an instance. */
  readonly followsTasks: boolean
  readonly #wanted = new Set<string>()
  readonly #vacant = new Set<string>()
  /** Vacant ones that had no room, until something changes there. */
  readonly #full = new Map<string, Refusal>()
  readonly #misplaced = new Set<string>()
  /** Up to which changes what is known follows the view. */
  #marks: { readonly rows: number; readonly places: number; readonly usage: number } | undefined

  constructor(serviceArn: string, request: PlacementRequest) {
    this.#serviceArn = serviceArn
    this.#request = request
    this.#filters = filtersOf(this.#request)
    this.followsTasks = [
      ...this.#request.requirements.expressions,
      ...this.#request.constraints.map(({ expression = '' }) => expression),
    ].some(expression => followsTasks.test(expression))
  }

  /**
   * How many ACTIVE instances satisfy the constraints. One whose agent is not connected counts as long as it has a task:
   * nothing can be started there.
   */
  get wanted(): number {
    return this.#wanted.size
  }

  /** How many of these have no task. */
  get vacancies(): number {
    return this.#vacant.size + this.#full.size
  }

  /** Whether a task is on an ACTIVE instance that does not satisfy the constraints. */
  get hasMisplaced(): boolean {
    return this.#misplaced.size > 0
  }

  isMisplaced(containerInstanceArn: string): boolean {
    return this.#misplaced.has(containerInstanceArn)
  }

  isWanted(containerInstanceArn: string): boolean {
    return this.#wanted.has(containerInstanceArn)
  }

  isVacant(containerInstanceArn: string): boolean {
    return this.#vacant.has(containerInstanceArn) || this.#full.has(containerInstanceArn)
  }

  get requirements(): PlacementRequest['requirements'] {
    return this.#request.requirements
  }

  /** Places on up to `count` of the vacant instances. What a plan takes is known to be taken once the view shows it. */
  choose(view: View, count: number): readonly Choice[] {
    const choices: Choice[] = []
    const { clusterArn, group, requirements } = this.#request
    const ofGroup = groupCounts(view, clusterArn, group)
    for (const id of this.#vacant) {
      if (choices.length === count) break
      const instance = view.get(containerInstances, id)
      if (instance === undefined) continue
      const candidate = candidateOf(view, instance, ofGroup)
      const reason = this.#filters.ofRoom(view, candidate)
      if (reason === undefined) choices.push({ instance, gpuIds: takeTask(candidate, requirements) })
      else {
        this.#vacant.delete(id)
        this.#full.set(id, refusalOf(candidate, reason, this.#request))
      }
    }
    return choices
  }

  /** Why instances that are to have a task have no room for it, of those that were tried. */
  get refusals(): readonly Refusal[] {
    return [...this.#full.values()].sort((a, b) => (a.containerInstanceArn < b.containerInstanceArn ? -1 : 1))
  }

  isFor({ requirements, launchType, constraints, clusterArn, zones }: PlacementRequest): boolean {
    const own = this.#request
    return (
      own.requirements === requirements &&
      own.launchType === launchType &&
      own.clusterArn === clusterArn &&
      own.zones?.join() === zones?.join() &&
      (own.constraints === constraints || JSON.stringify(own.constraints) === JSON.stringify(constraints))
    )
  }

  /** Brings what is known up to the view. */
  follow(view: View): this {
    const changed = this.#changedIn(view)
    if (changed === undefined) this.#lookAtAll(view)
    else
      for (const id of changed) {
        const instance = view.get(containerInstances, id)
        const isActive = instance?.status === 'ACTIVE' && instance.clusterArn === this.#request.clusterArn
        if (isActive) this.#look(view, instance)
        else this.#forget(id)
      }
    return this
  }

  /** The instances of which something may be otherwise than it is known; undefined when too much has changed. */
  #changedIn(view: View): ReadonlySet<string> | undefined {
    const rows = view.changedTotals(containerInstances, 'rows', this.#marks?.rows)
    const places = view.changedTotals(tasks, 'daemonPlaces', this.#marks?.places)
    const usage = view.changedTotals(tasks, 'usageByInstance', this.#marks?.usage)
    this.#marks = { rows: rows.mark, places: places.mark, usage: usage.mark }
    if (!rows.keys || !places.keys || !usage.keys) return undefined
    const suffix = `|${this.#serviceArn}`
    const changed = new Set(rows.keys)
    for (const key of places.keys) if (key.endsWith(suffix)) changed.add(key.slice(0, -suffix.length))
    for (const id of usage.keys) if (this.followsTasks || this.#full.has(id)) changed.add(id)
    return changed
  }

  #lookAtAll(view: View): void {
    for (const known of [this.#wanted, this.#vacant, this.#full, this.#misplaced]) known.clear()
    const active = `${this.#request.clusterArn}|ACTIVE`
    for (const instance of view.where(containerInstances, 'byClusterAndStatus', active))
      this.#look(view, instance)
  }

  #look(view: View, instance: ContainerInstanceRow): void {
    const { id } = instance
    const hasTask = view.total(tasks, 'daemonPlaces', daemonPlaceKey(id, this.#serviceArn)) !== undefined
    const fits = this.#fits(view, instance)
    const wanted = fits && (instance.agentConnected || hasTask)
    keep(this.#wanted, id, wanted)
    keep(this.#vacant, id, wanted && !hasTask)
    keep(this.#misplaced, id, hasTask && !fits)
    this.#full.delete(id)
  }

  #fits(view: View, instance: ContainerInstanceRow): boolean {
    const connected = instance.agentConnected ? instance : { ...instance, agentConnected: true }
    return this.#filters.ofInstance(view, candidateOf(view, connected, undefined)) === undefined
  }

  #forget(id: string): void {
    for (const known of [this.#wanted, this.#vacant, this.#full, this.#misplaced]) known.delete(id)
  }
}

const keep = (set: Set<string>, id: string, holds: boolean): void => {
  if (holds) set.add(id)
  else set.delete(id)
}

/** A daemon has no strategy: every instance that fits gets a task. */
export const daemonRequestOf = (
  view: View,
  service: ServiceRow,
  taskDefinition: TaskDefinitionRow,
): PlacementRequest => ({
  clusterArn: service.clusterArn,
  launchType: service.launchType === 'EXTERNAL' ? 'EXTERNAL' : 'EC2',
  requirements: requirementsOf(taskDefinition),
  zones: zonesOfConfiguration(view, service, service.networkConfiguration),
  constraints: service.placementConstraints,
  strategy: [],
  group: serviceGroup(service.name),
  seed: '',
})

/** So many services' places are kept; they take some 200 bytes an instance. */
const keptPerStore = 64

/** One object a store, which every view of it shows, also within a transaction. */
const storeMark = (): object => ({})
const kept = new WeakMap<object, Map<string, DaemonPlaces>>()

/** As the view is now. */
export const daemonPlacesOf = (
  view: View,
  service: ServiceRow,
  taskDefinition: TaskDefinitionRow,
): DaemonPlaces => {
  const mark = view.derived(clusters, storeMark)
  const ofStore = kept.get(mark) ?? new Map<string, DaemonPlaces>()
  kept.set(mark, ofStore)
  const known = ofStore.get(service.id)
  const request = daemonRequestOf(view, service, taskDefinition)
  const places = known?.isFor(request) ? known : new DaemonPlaces(service.id, request)
  ofStore.delete(service.id)
  ofStore.set(service.id, places)
  const [oldest] = ofStore.keys()
  if (ofStore.size > keptPerStore && oldest !== undefined) ofStore.delete(oldest)
  return places.follow(view)
}
