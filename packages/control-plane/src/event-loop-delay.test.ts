import { setTimeout as delay } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { measureEventLoopDelay } from './event-loop-delay.ts'

it('shows a turn that was too long, in /metrics too', async () => {
  const registry = new Registry()
  const measured = measureEventLoopDelay(registry)
  measured.reset()
  // A sample is the time between two ticks of the sampling timer: one has to come before the long turn.
  await delay(20)
  const end = performance.now() + 60
  while (performance.now() < end);
  await delay(20)
  expect(measured.maxMs()).toBeGreaterThan(40)
  const longest = /berth_event_loop_delay_seconds\{quantile="1"\} (\S+)/.exec(await registry.metrics())
  expect(Number(longest?.[1])).toBeGreaterThan(0.04)
  measured.reset()
  await delay(20)
  expect(measured.maxMs()).toBeLessThan(40)
  measured.stop()
})
