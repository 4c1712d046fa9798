/**
 * How a cluster's instances stand for one kind of request. Ranking all of them costs far more than placing a task, and
 * between two placements few of them change: so rankings are kept, and only what has changed is read again. Requests
 * that differ by their group alone, as those of services do, share one: few instances have tasks of a group.
 */
import type { View } from '../../../store/view.ts'
import { type ContainerInstanceRow, clusters, containerInstances, tasks } from '../tables/index.ts'
import {
  activeInstancesOf,
  type Candidate,
  candidateOf,
  groupCounts,
  readRoom,
  takeTask,
} from './candidate.ts'
import type { DaemonPlaces } from './daemon-places.ts'
import { type Filters, filtersOf, type Refusal, refusalOf } from './filters.ts'
import { listenerPorts } from './listener-ports.ts'
import type { PlacementRequest } from './place.ts'
import { type Ranking, rankingOf } from './ranking.ts'
import { daemonsOf, reserveRoom } from './reserved-room.ts'
import type { TaskRequirements } from './task-requirements.ts'

/** So many rankings of one cluster are kept; one takes some 200 bytes an instance. */
const keptPerCluster = 16

class Standing {
  #request: PlacementRequest
  #filters: Filters
  readonly #daemons: readonly DaemonPlaces[]
  readonly #listenerPorts: ListenerPorts
  readonly #candidates: Map<string, Candidate>
  readonly #ranking: Ranking
  /** Those that got tasks, which the view may never see: a plan can be dropped, and a transaction undone. */
  readonly #given = new Set<Candidate>()
  /** Those that have tasks of the group. */
  readonly #ofGroup = new Set<Candidate>()
  /** Those that got tasks and are full now, in the order in which they became so. */
  #filled: Candidate[] = []
  /** Up to which changes of what tasks take, and of the instances themselves, the candidates are known. */
  #marks: { readonly usage: number; readonly rows: number }

  constructor(
    view: View,
    request: PlacementRequest,
    instances: readonly ContainerInstanceRow[],
    daemons: readonly DaemonPlaces[],
  ) {
    this.#request = request
    this.#daemons = daemons
    this.#listenerPorts = portsInTheWay(view, request)
    this.#filters = filtersOf(request)
    this.#marks = {
      usage: view.changedTotals(tasks, 'usageByInstance', undefined).mark,
      rows: view.changedTotals(containerInstances, 'rows', undefined).mark,
    }
    const ofGroup = groupCounts(view, request.clusterArn, request.group)
    const candidates = instances.map(instance => this.#candidateOf(view, instance, ofGroup))
    this.#candidates = new Map(candidates.map(candidate => [candidate.instance.id, candidate]))
    this.#ranking = rankingOf(candidates, request.strategy, request.seed)
  }

  get size(): number {
    return this.#candidates.size
  }

  get best(): Candidate | undefined {
    return this.#ranking.best()
  }

  /** Gives one task to a candidate; returns the ids of the task's GPUs. */
  giveTo(view: View, candidate: Candidate): readonly string[] {
    const gpuIds = takeTask(candidate, this.#request.requirements)
    candidate.refusedFor = this.#filters.ofRoom(view, candidate)
    this.#given.add(candidate)
    this.#ofGroup.add(candidate)
    if (candidate.refusedFor) this.#filled.push(candidate)
    this.#ranking.moved(candidate, 1)
    return gpuIds
  }

  /** Why each instance takes no further task: first those that took none, in the order of ARNs. */
  refusals(): Refusal[] {
    const others = [...this.#candidates.values()].filter(candidate => !this.#given.has(candidate))
    others.sort((a, b) => (a.instance.id < b.instance.id ? -1 : 1))
    return [...others, ...this.#filled].flatMap(candidate =>
      candidate.refusedFor ? refusalOf(candidate, candidate.refusedFor, this.#request) : [],
    )
  }

  /** From now on for this request, which may be of another group. False when too much has changed to be followed. */
  follow(view: View, request: PlacementRequest): boolean {
    const usage = view.changedTotals(tasks, 'usageByInstance', this.#marks.usage)
    const rows = view.changedTotals(containerInstances, 'rows', this.#marks.rows)
    if (!usage.keys || !rows.keys) return false
    this.#marks = { usage: usage.mark, rows: rows.mark }
    const changed = this.#given
    for (const instanceArn of usage.keys) {
      const candidate = this.#candidates.get(instanceArn)
      if (candidate) changed.add(candidate)
    }
    const ofGroup = groupCounts(view, request.clusterArn, request.group)
    if (request.group !== this.#request.group) this.#regroup(view, request, ofGroup)
    for (const instanceArn of rows.keys) this.#followRow(view, instanceArn, ofGroup)
    for (const candidate of changed) this.#readAgain(view, candidate, ofGroup)
    changed.clear()
    this.#filled = []
    return true
  }

  /** An instance may have come, gone, or become another one. */
  #followRow(view: View, instanceArn: string, ofGroup: ReturnType<typeof groupCounts>): void {
    const row = view.get(containerInstances, instanceArn)
    const isActive = row?.status === 'ACTIVE' && row.clusterArn === this.#request.clusterArn
    const known = this.#candidates.get(instanceArn)
    if (known && isActive && row.attributes === known.instance.attributes) {
      known.instance = row
      this.#given.add(known)
      return
    }
    if (known) {
      this.#ranking.left(known)
      this.#candidates.delete(instanceArn)
      this.#given.delete(known)
      this.#ofGroup.delete(known)
    }
    if (!isActive) return
    const candidate = this.#candidateOf(view, row, ofGroup)
    this.#candidates.set(instanceArn, candidate)
    this.#ranking.joined(candidate)
  }

  #candidateOf(
    view: View,
    instance: ContainerInstanceRow,
    ofGroup: ReturnType<typeof groupCounts>,
  ): Candidate {
    const candidate = candidateOf(view, instance, ofGroup)
    reserveRoom(candidate, this.#daemons)
    candidate.refusedFor = this.#refusalFor(view, candidate)
    if (candidate.ofGroup > 0) this.#ofGroup.add(candidate)
    return candidate
  }

  /** Whatever its group. */
  isFor(view: View, request: PlacementRequest, daemons: readonly DaemonPlaces[]): boolean {
    const { requirements, launchType, constraints, strategy, host, zones } = request
    const own = this.#request
    return (
      daemons.length === this.#daemons.length &&
      daemons.every((daemon, n) => daemon === this.#daemons[n]) &&
      isSameNeeds(own.requirements, requirements) &&
      this.#listenerPorts === portsInTheWay(view, request) &&
      own.launchType === launchType &&
      own.host?.because === host?.because &&
      own.zones?.join() === zones?.join() &&
      isSameList(own.constraints, constraints) &&
      isSameList(own.strategy, strategy)
    )
  }

  get #isDistinct(): boolean {
    return this.#request.constraints.some(({ type }) => type === 'distinctInstance')
  }

  #regroup(view: View, request: PlacementRequest, counts: ReturnType<typeof groupCounts>): void {
    this.#request = request
    this.#filters = filtersOf(request)
    for (const candidate of [...this.#ofGroup]) this.#recount(view, candidate, counts)
    for (const instanceArn of counts?.keys() ?? []) {
      const candidate = this.#candidates.get(instanceArn)
      if (candidate && !this.#ofGroup.has(candidate)) this.#recount(view, candidate, counts)
    }
  }

  /** What the instance has free is as it was: only the group is another one. */
  #recount(view: View, candidate: Candidate, counts: ReturnType<typeof groupCounts>): void {
    const before = candidate.ofGroup
    candidate.ofGroup = counts?.get(candidate.instance.id) ?? 0
    if (candidate.ofGroup > 0) this.#ofGroup.add(candidate)
    else this.#ofGroup.delete(candidate)
    if (candidate.ofGroup === before) return
    // Those that have changed besides are read again afterwards.
    if (this.#isDistinct && !this.#given.has(candidate))
      candidate.refusedFor = this.#refusalFor(view, candidate)
    this.#ranking.moved(candidate, candidate.ofGroup - before)
  }

  #readAgain(view: View, candidate: Candidate, counts: ReturnType<typeof groupCounts>): void {
    const { refusedFor, cpu, memoryMiB, tasks, ofGroup } = candidate
    readRoom(view, candidate, counts)
    reserveRoom(candidate, this.#daemons)
    candidate.refusedFor = this.#refusalFor(view, candidate)
    if (candidate.ofGroup > 0) this.#ofGroup.add(candidate)
    else this.#ofGroup.delete(candidate)
    // Most changes are of a task's status, which moves nobody.
    const isSame =
      candidate.refusedFor === refusedFor &&
      candidate.cpu === cpu &&
      candidate.memoryMiB === memoryMiB &&
      candidate.tasks === tasks &&
      candidate.ofGroup === ofGroup
    if (!isSame) this.#ranking.moved(candidate, candidate.ofGroup - ofGroup)
  }

  #refusalFor(view: View, candidate: Candidate) {
    return this.#filters.ofInstance(view, candidate) ?? this.#filters.ofRoom(view, candidate)
  }
}

type ListenerPorts = ReturnType<typeof listenerPorts> | undefined

const portsInTheWay = (view: View, { requirements }: PlacementRequest): ListenerPorts =>
  requirements.ports.length > 0 ? listenerPorts(view) : undefined

/** What a request's overrides change is made anew each time; the rest is the definition's own. */
const isSameNeeds = (a: TaskRequirements, b: TaskRequirements): boolean =>
  a === b || (Object.keys(a) as (keyof TaskRequirements)[]).every(name => a[name] === b[name])

const isSameList = (a: readonly object[], b: readonly object[]): boolean =>
  a === b || (a.length === b.length && (a.length === 0 || JSON.stringify(a) === JSON.stringify(b)))

/** One object a store, which every view of it shows, also within a transaction. */
const storeMark = (): object => ({})

/** By store, and then by cluster. */
const kept = new WeakMap<object, Map<string, Standing[]>>()

const keptFor = (view: View, clusterArn: string): Standing[] => {
  const mark = view.derived(clusters, storeMark)
  const ofStore = kept.get(mark) ?? new Map<string, Standing[]>()
  kept.set(mark, ofStore)
  const ofCluster = ofStore.get(clusterArn) ?? []
  ofStore.set(clusterArn, ofCluster)
  return ofCluster
}

/** As the view is now. */
export const standingOf = (view: View, request: PlacementRequest): Standing => {
  const { clusterArn } = request
  const daemons = daemonsOf(view, clusterArn)
  const rankedAnew = (): Standing => new Standing(view, request, activeInstancesOf(view, clusterArn), daemons)
  // What is drawn from a seed is another order with every request.
  if (request.strategy.some(({ type }) => type === 'random')) return rankedAnew()
  const standings = keptFor(view, clusterArn)
  const known = standings.findIndex(standing => standing.isFor(view, request, daemons))
  const [found] = known < 0 ? [] : standings.splice(known, 1)
  const standing = found?.follow(view, request) ? found : rankedAnew()
  standings.push(standing)
  if (standings.length > keptPerCluster) standings.shift()
  return standing
}
