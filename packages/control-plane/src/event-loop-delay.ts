import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Gauge, type Registry } from 'prom-client'

/** The sampling timer's period; it is part of every sample, and taken off again. */
const RESOLUTION_MS = 5
const QUANTILES = [0.5, 0.9, 0.99, 0.999] as const

export interface EventLoopDelay {
  /** The longest delay since the start or the last reset, in milliseconds. */
  maxMs(): number
  /** The delay that this share (0 to 1) of the samples stays below, in milliseconds. */
  quantileMs(share: number): number
  reset(): void
  stop(): void
}

/** Measures how long the event loop keeps others waiting: the proof that no turn is too long. */
export const measureEventLoopDelay = (registry?: Registry): EventLoopDelay => {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  const delayMs = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
  const delay: EventLoopDelay = {
    maxMs: () => delayMs(histogram.max),
    quantileMs: share => delayMs(histogram.percentile(share * 100)),
    reset: () => histogram.reset(),
    stop: () => histogram.disable(),
  }
  if (registry !== undefined) register(registry, delay)
  return delay
}

const register = (registry: Registry, delay: EventLoopDelay): void => {
  new Gauge({
    name: 'berth_event_loop_delay_seconds',
    help: 'How long turns of the event loop kept others waiting since the start, by quantile (1 is the longest)',
    labelNames: ['quantile'],
    registers: [registry],
    collect() {
      for (const share of QUANTILES) this.set({ quantile: String(share) }, delay.quantileMs(share) / 1000)
      this.set({ quantile: '1' }, delay.maxMs() / 1000)
    },
  })
}
