/** Gives up hosts that are gone: their tasks become STOPPED, so that services replace them. */
import {
  type Expectation,
  type Plan,
  put,
  type Reconciler,
  remove,
  type Step,
  unchanged,
} from '../../../control-loop/plan.ts'
import type { Millis } from '../../../store/table.ts'
import type { Change, View } from '../../../store/view.ts'
import { awaitsInterface } from '../networking/task-interface.ts'
import {
  type ContainerInstanceRow,
  clusterZone,
  containerInstances,
  tasks,
  zoneOutages,
} from '../tables/index.ts'
import { type StopCause, stopForGood } from '../task-stop.ts'

type ByAgentKind = Readonly<Record<ContainerInstanceRow['agentKind'], Millis>>

export interface LostInstanceSettings {
  /** When this server began to lead, or its machine woke up, and so to listen to agents: only known once it does. */
  readonly startedAt: () => Millis
  /** For how long a host may be silent. */
  readonly lostAfterMs: ByAgentKind
  /** Nobody is given up sooner than this after the start, since agents need time to come back. */
  readonly graceMs: ByAgentKind
}

/** Official agents beat, and reconnect, much more slowly than ours. */
export const lostInstanceDefaults = {
  lostAfterMs: { berth: 10_000, ecs: 150_000 },
  graceMs: { berth: 30_000, ecs: 150_000 },
} as const

/** Hosts that vanish within this time of one another vanished together. */
const togetherMs = 60_000
/** So many hosts of a zone, and more than this share of them, vanish together only when the network does. */
const outageHosts = 3
const outageShare = 0.3

/** How many tasks stop in one plan: a slice of a few milliseconds. */
const sliceSize = 250

/** A key is a cluster and a zone, since whether one host is lost depends on its neighbours. */
export const lostInstanceReconciler = (settings: LostInstanceSettings): Reconciler => ({
  name: 'ecs.lost-instance',
  keys: view => {
    const keys = new Set<string>()
    for (const outage of view.all(zoneOutages)) keys.add(outage.id)
    for (const instance of view.where(containerInstances, 'byDisconnected', 'disconnected'))
      keys.add(clusterZone(instance) ?? '')
    return keys
  },
  tables: [containerInstances],
  keysOf: zonesChanged,
  reconcile: (view, key, { now }) => reconcileZone(view, key, now, settings),
})

const zonesChanged = ({ before, after }: Change): Iterable<string> => {
  const rows = [before, after] as readonly (ContainerInstanceRow | undefined)[]
  return new Set(rows.flatMap(row => (row && clusterZone(row)) ?? []))
}

const reconcileZone = (view: View, key: string, now: Millis, settings: LostInstanceSettings): Plan => {
  const gone = [...view.where(containerInstances, 'disconnectedByZone', key)]
  const isOutage = outagesAmong(gone, view.count(containerInstances, 'byZone', key))
  const isHeld = (host: ContainerInstanceRow) => host.lostAt === undefined && isOutage(silentSince(host))
  const due = gone.filter(host => dueAt(host, settings) <= now)
  const waiting = gone.filter(host => host.lostAt === undefined && dueAt(host, settings) > now)
  const { held = [], lost = [] } = Object.groupBy(due, host => (isHeld(host) ? 'held' : 'lost'))
  const plan = giveUp(view, lost, now)
  return {
    ...plan,
    steps: [...outageSteps(view, key, held, now), ...plan.steps],
    ...(waiting.length > 0 ? { wakeAt: Math.min(...waiting.map(host => dueAt(host, settings))) } : {}),
  }
}

/** A host that registered and never connected has been silent since then. */
const silentSince = (host: ContainerInstanceRow): Millis => host.disconnectedAt ?? host.registeredAt

const dueAt = (
  host: ContainerInstanceRow,
  { startedAt, lostAfterMs, graceMs }: LostInstanceSettings,
): Millis => Math.max(silentSince(host) + lostAfterMs[host.agentKind], startedAt() + graceMs[host.agentKind])

/**
 * Tells whether a host that has been silent since some time is so by an outage of its zone of `total` hosts. Hosts that
 * were given up long before count neither as vanished nor as hosts of the zone.
 */
const outagesAmong = (gone: readonly ContainerInstanceRow[], total: number): ((since: Millis) => boolean) => {
  const silent = timesOf(gone)
  const givenUp = timesOf(gone.filter(({ lostAt }) => lostAt !== undefined))
  return since => {
    const vanished = countTogether(silent, since)
    const zone = total - givenUp.length + countTogether(givenUp, since)
    return vanished >= outageHosts && vanished > outageShare * zone
  }
}

const timesOf = (hosts: readonly ContainerInstanceRow[]): Float64Array =>
  Float64Array.from(hosts, silentSince).sort()

/** How many of the sorted times are together with this one. */
const countTogether = (times: Float64Array, time: Millis): number =>
  countBelow(times, time + togetherMs + 1) - countBelow(times, time - togetherMs)

/** How many of the sorted times are less than this one. */
const countBelow = (times: Float64Array, time: Millis): number => {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] ?? 0) < time) low = middle + 1
    else high = middle
  }
  return low
}

const outageSteps = (
  view: View,
  key: string,
  held: readonly ContainerInstanceRow[],
  now: Millis,
): readonly Step[] => {
  const outage = view.get(zoneOutages, key)
  const [first] = held
  if (!first) return outage ? [remove(zoneOutages, key)] : []
  if (outage) return []
  const containerInstanceArns = held.map(({ id }) => id)
  return [put(zoneOutages, { id: key, clusterArn: first.clusterArn, since: now, containerInstanceArns })]
}

/** Declares hosts lost, with as many of their tasks as one plan may hold; the next plan goes on with the rest. */
const giveUp = (view: View, lost: readonly ContainerInstanceRow[], now: Millis): Plan => {
  const expects: Expectation[] = []
  const steps: Step[] = []
  for (const host of lost) {
    expects.push(unchanged(view, containerInstances, host.id))
    if (host.lostAt === undefined) steps.push(put(containerInstances, { ...host, lostAt: now }))
    for (const task of view.where(tasks, 'byInstance', host.id)) {
      if (steps.length >= sliceSize) return { expects, steps, unfinished: true }
      expects.push(unchanged(view, tasks, task.id))
      steps.push(
        put(tasks, {
          ...stopForGood(task, hostTerminated(host), now),
          connectivity: 'DISCONNECTED',
          // A host that was never told of it has nothing of it to give back.
          ...(!awaitsInterface(task) && { stopUnconfirmed: true }),
        }),
      )
    }
  }
  return { expects, steps }
}

const hostTerminated = (host: ContainerInstanceRow): StopCause => ({
  stopCode: 'TerminationNotice',
  reason: `Host EC2 (instance ${host.ec2InstanceId ?? host.id}) terminated.`,
})
