/** How bad the world of a run is: drawn from its seed, so that some runs are calm in one way and wild in another. */
import type { WorkloadSize } from './clients/workload.ts'
import type { HostConditions, HostSpec } from './hosts/host.ts'
import type { NetworkConditions } from './network/network.ts'
import type { Random } from './random.ts'
import type { StorageConditions } from './servers/storage.ts'

export interface Tuning {
  readonly safetyMs: number
  readonly clusters: readonly string[]
  readonly hosts: readonly HostSpec[]
  readonly workload: WorkloadSize
  readonly storage: StorageConditions
  readonly network: NetworkConditions
  readonly host: HostConditions
  /** Milliseconds between the faults of each kind, on average; none when undefined. */
  readonly faults: Readonly<Record<FaultKind, number | undefined>>
}

export const faultKinds = [
  'kill-server',
  'pause-server',
  'cut-storage',
  'crash-agent',
  'power-off',
  'lose-disk',
  'cut-host',
  'break-link',
  'kill-container',
  'sicken-container',
  'push-images',
  'set-clock',
  'clone-host',
  'kill-performer',
  'deafen-container',
  'kill-at-message',
] as const
export type FaultKind = (typeof faultKinds)[number]

/** What most runs do without, since it changes much at once. */
const rare: ReadonlySet<FaultKind> = new Set(['set-clock', 'clone-host', 'kill-at-message'])

const frequent: ReadonlySet<FaultKind> = new Set(['break-link', 'kill-container', 'sicken-container'])

/** Drawn from the extras. */
const added: ReadonlySet<FaultKind> = new Set(['deafen-container', 'kill-at-message'])

const sometimes = (random: Random, likely: number, value: number): number =>
  random.chance(likely) ? value : 0

/** `extras`: chance of its own for what may be added, so that runs without it stay as they were. */
export const tune = (random: Random, extras: Random): Tuning => {
  const main = random
  const zones = random.integer(1, 2)
  const clusters = random.chance(0.25) ? ['default', 'other'] : ['default']
  const hosts = Array.from({ length: random.integer(3, 5) * clusters.length }, (_, index) => ({
    name: `host-${index + 1}`,
    cluster: clusters[index % clusters.length] ?? 'default',
    zone: `zone-${(index % zones) + 1}`,
    cpu: random.pick([1_024, 2_048, 4_096]),
    memoryMiB: random.pick([1_024, 2_048, 4_096]),
    address: `192.168.0.${index + 1}`,
    clockMs: random.chance(0.2) ? random.integer(-90_000_000, 90_000_000) : random.integer(-500, 500),
  }))
  const every = (kind: FaultKind): number | undefined => {
    const random = added.has(kind) ? extras : main
    return random.chance(rare.has(kind) ? 0.15 : 0.6)
      ? random.integer(4_000, 40_000) * (frequent.has(kind) ? 0.5 : 1)
      : undefined
  }
  const safetyMs = random.integer(40_000, 80_000)
  return {
    safetyMs,
    clusters,
    hosts,
    workload: {
      services: random.integer(1, 3),
      mostTasks: random.integer(2, 5),
      pauseMs: random.integer(500, 3_000),
      protects: random.chance(0.6),
      stops: random.chance(0.4),
      daemons: random.chance(0.4),
      strategies: random.chance(0.4),
      guards: random.chance(0.3),
      taskSets: random.chance(0.3),
      pauses: random.chance(0.3),
      networks: safetyMs % 3 === 1,
      volumes: extras.chance(0.3),
      balancers: extras.chance(0.3),
    },
    storage: {
      slow: sometimes(random, 0.5, 0.03),
      failing: sometimes(random, 0.3, 0.005),
      ambiguous: sometimes(random, 0.3, 0.005),
      meanWriteBytes: sometimes(random, 0.1, 8 * 1024 * 1024),
    },
    network: { slow: sometimes(random, 0.5, 0.03) },
    host: {
      failing: sometimes(random, 0.5, 0.1),
      slow: sometimes(random, 0.5, 0.15),
      badImages: true,
      replays: sometimes(random, 0.5, 0.2),
    },
    faults: Object.fromEntries(faultKinds.map(kind => [kind, every(kind)])) as Tuning['faults'],
  }
}
