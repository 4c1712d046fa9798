/** From two samples of a container to what the agent publishes of it, in the official agent's words. Pure. */
import type { NetworkUsage, Usage } from './usage.ts'

export interface UsageSample {
  readonly usage: Usage
  /** Milliseconds. */
  readonly at: number
}

export interface MetricsContext {
  readonly containerName: string
  readonly containerArn: string
  readonly cpuCount: number
  /** False in the host's network, whose traffic is not the container's. */
  readonly hasOwnNetwork: boolean
}

const mebibyte = 1024 * 1024

/** One sample an interval: least, most and sum are the same. */
const statsSet = (value: number) => ({ min: value, max: value, sampleCount: 1, sum: value })

export const containerMetrics = (
  context: MetricsContext,
  before: UsageSample,
  { usage, at }: UsageSample,
): object => {
  const { containerName, containerArn, cpuCount, hasOwnNetwork } = context
  const seconds = Math.max(at - before.at, 1) / 1000
  const cpuSeconds = Math.max(0, usage.cpuNanoseconds - before.usage.cpuNanoseconds) / 1e9
  return {
    containerName,
    containerArn,
    cpuStatsSet: statsSet((100 * cpuSeconds) / seconds / cpuCount),
    memoryStatsSet: statsSet(Math.floor(usage.memoryBytes / mebibyte)),
    storageStatsSet: {
      readSizeBytes: statsSet(usage.readBytes),
      writeSizeBytes: statsSet(usage.writtenBytes),
    },
    ...(hasOwnNetwork && { networkStatsSet: networkStats(before.usage.network, usage.network, seconds) }),
  }
}

const networkStats = (before: NetworkUsage, after: NetworkUsage, seconds: number): object => ({
  ...Object.fromEntries(Object.entries(after).map(([name, count]) => [name, statsSet(count)])),
  rxBytesPerSecond: statsSet(Math.max(0, after.rxBytes - before.rxBytes) / seconds),
  txBytesPerSecond: statsSet(Math.max(0, after.txBytes - before.txBytes) / seconds),
})
