import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createSystemClock } from './system-clock.ts'

const START = 1_790_000_000_000

beforeEach(() => {
  vi.useFakeTimers({ now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

it('begins with wall time, and never goes back with it', () => {
  const clock = createSystemClock()
  expect(clock.now()).toBe(START)
  vi.advanceTimersByTime(1000)
  vi.setSystemTime(START - 3_600_000)
  expect(clock.now()).toBe(START + 1000)
  vi.advanceTimersByTime(500)
  expect(clock.now()).toBe(START + 1500)
})

it('follows a jump of the wall clock forward, as after a sleep', () => {
  const clock = createSystemClock()
  expect(clock.leaptAt).toBeUndefined()
  vi.setSystemTime(START + 3_600_000)
  expect(clock.now()).toBe(START + 3_600_000)
  expect(clock.leaptAt).toBe(START + 3_600_000)
  vi.advanceTimersByTime(10)
  expect(clock.now()).toBe(START + 3_600_010)
})

it('is never below what it was told, and goes on from there', () => {
  const clock = createSystemClock()
  clock.notBefore(START + 60_000)
  const told = clock.now()
  expect(told).toBeGreaterThanOrEqual(START + 60_000)
  vi.advanceTimersByTime(10)
  expect(clock.now()).toBe(told + 10)
})

it('calls a timer when its time has come, once, unless it was stopped', () => {
  const clock = createSystemClock()
  const callback = vi.fn(() => clock.now())
  const stopped = vi.fn()
  clock.setTimer(START + 90_000, callback)
  clock.setTimer(START + 10, stopped)()
  vi.advanceTimersByTime(89_999)
  expect(callback).not.toHaveBeenCalled()
  vi.advanceTimersByTime(100_000)
  expect(callback.mock.results).toEqual([{ type: 'return', value: START + 90_000 }])
  expect(stopped).not.toHaveBeenCalled()
})
