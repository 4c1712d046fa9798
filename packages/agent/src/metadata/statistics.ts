/** `/stats`: Docker's sample of a container, with what changed since the sample before. */
import type { Clock } from '../clock.ts'
import type { DockerStatistics, Engine } from '../engine/engine.ts'

export interface Statistics {
  /** Fails with EngineError. */
  of(runtimeId: string, withRates: boolean): Promise<DockerStatistics>
}

interface Sample {
  readonly statistics: DockerStatistics
  readonly at: number
}

/** An older sample says nothing of the present rates: then the engine takes two, a second apart. */
const longestIntervalMs = 60_000
/** A shorter one says too little. */
const shortestIntervalMs = 500

export const createStatistics = (engine: Engine, clock: Clock): Statistics => {
  const samples = new Map<string, Sample>()
  const forgetOld = (now: number): void => {
    for (const [id, { at }] of samples) if (now - at > longestIntervalMs) samples.delete(id)
  }
  return {
    of: async (runtimeId, withRates) => {
      forgetOld(clock.now())
      const before = samples.get(runtimeId)
      const statistics = await engine.statistics(runtimeId, before === undefined)
      const sample = { statistics, at: clock.now() }
      if (before === undefined || sample.at - before.at >= shortestIntervalMs) samples.set(runtimeId, sample)
      if (before === undefined) return statistics
      return {
        ...statistics,
        preread: before.statistics['read'],
        precpu_stats: before.statistics['cpu_stats'],
        ...(withRates && { network_rate_stats: ratesBetween(before, sample) }),
      }
    },
  }
}

const ratesBetween = (before: Sample, after: Sample): object => {
  const seconds = Math.max(after.at - before.at, 1) / 1000
  const rate = (name: string): number =>
    Math.max(0, networkTotal(after.statistics, name) - networkTotal(before.statistics, name)) / seconds
  return { rx_bytes_per_sec: rate('rx_bytes'), tx_bytes_per_sec: rate('tx_bytes') }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Of all of a container's networks; 0 in the host's network, whose traffic is not the container's. */
const networkTotal = (statistics: DockerStatistics, name: string): number => {
  const networks = statistics['networks']
  if (!isRecord(networks)) return 0
  return Object.values(networks).reduce<number>((sum, network) => {
    const count = isRecord(network) ? network[name] : undefined
    return sum + (typeof count === 'number' ? count : 0)
  }, 0)
}
