/** Gives up hosts that are gone: their tasks become STOPPED, so that services replace them. */
import {
  type Expectation,
  type Plan,
  put,
  type Reconciler,
  remove,
  type Step,
} from '../../../control-loop/plan.ts'
import type { Millis } from '../../../store/table.ts'
import type { Change, View } from '../../../store/view.ts'
import { attributesOf } from '../placement/attributes.ts'
import { type ContainerInstanceRow, containerInstances, tasks, zoneOutages } from '../tables/index.ts'
import { type StopCause, stopForGood } from '../task-stop.ts'
import { unchanged } from './unchanged.ts'

type ByAgentKind = Readonly<Record<ContainerInstanceRow['agentKind'], Millis>>

export interface LostInstanceSettings {
  /** When this server began to lead, and so to listen to agents: only known once it does. */
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
      keys.add(zoneKey(instance))
    return keys
  },
  keysOf: zonesChanged,
  reconcile: (view, key, { now }) => reconcileZone(view, key, now, settings),
})

const zoneKey = (instance: ContainerInstanceRow): string =>
  `${instance.clusterArn}|${attributesOf(instance).get('ecs.availability-zone') ?? ''}`

const zonesChanged = ({ table, before, after }: Change): Iterable<string> => {
  if (table.name !== containerInstances.name) return []
  const rows = [before, after] as readonly (ContainerInstanceRow | undefined)[]
  return new Set(rows.filter(row => row !== undefined).map(zoneKey))
}

const reconcileZone = (view: View, key: string, now: Millis, settings: LostInstanceSettings): Plan => {
  const hosts = hostsOf(view, key)
  const gone = hosts.filter(host => !host.agentConnected)
  const due = gone.filter(host => dueAt(host, settings) <= now)
  const waiting = gone.filter(host => host.lostAt === undefined && dueAt(host, settings) > now)
  const held = due.filter(host => host.lostAt === undefined && isOutage(host, hosts))
  const lost = due.filter(host => !held.includes(host))
  const plan = giveUp(view, lost, now)
  return {
    ...plan,
    steps: [...outageSteps(view, key, held, now), ...plan.steps],
    ...(waiting.length > 0 ? { wakeAt: Math.min(...waiting.map(host => dueAt(host, settings))) } : {}),
  }
}

const hostsOf = (view: View, key: string): readonly ContainerInstanceRow[] => {
  const clusterArn = key.slice(0, key.indexOf('|'))
  const hosts = [...view.where(containerInstances, 'byCluster', clusterArn)]
  return hosts.filter(host => host.status !== 'INACTIVE' && zoneKey(host) === key)
}

/** A host that registered and never connected has been silent since then. */
const silentSince = (host: ContainerInstanceRow): Millis => host.disconnectedAt ?? host.registeredAt

const dueAt = (
  host: ContainerInstanceRow,
  { startedAt, lostAfterMs, graceMs }: LostInstanceSettings,
): Millis => Math.max(silentSince(host) + lostAfterMs[host.agentKind], startedAt() + graceMs[host.agentKind])

/** Hosts that were given up long before count neither as vanished nor as hosts of the zone. */
const isOutage = (host: ContainerInstanceRow, hosts: readonly ContainerInstanceRow[]): boolean => {
  const isTogether = (other: ContainerInstanceRow) =>
    Math.abs(silentSince(other) - silentSince(host)) <= togetherMs
  const vanished = hosts.filter(other => !other.agentConnected && isTogether(other)).length
  const zone = hosts.filter(other => other.lostAt === undefined || isTogether(other)).length
  return vanished >= outageHosts && vanished > outageShare * zone
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
          stopUnconfirmed: true,
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
