import { expect, it } from 'vitest'
import { createRateLimit } from './rate-limit.ts'

const countAdmitted = (limit: ReturnType<typeof createRateLimit>, caller: string, now: number): number => {
  let admitted = 0
  while (limit.admits(caller, now)) admitted++
  return admitted
}

it('admits a burst, then so many a second, each caller for itself', () => {
  const limit = createRateLimit({ perSecond: 40, burst: 60 })
  expect(countAdmitted(limit, 'a', 0)).toBe(60)
  expect(countAdmitted(limit, 'a', 500)).toBe(20)
  expect(countAdmitted(limit, 'b', 500)).toBe(60)
  expect(countAdmitted(limit, 'a', 60_000)).toBe(60)
})

it('forgets callers that may ask in full again, however many there were', () => {
  const limit = createRateLimit({ perSecond: 1, burst: 2 })
  expect(countAdmitted(limit, 'a', 0)).toBe(2)
  for (let index = 0; index < 5_000; index++) limit.admits(`caller ${index}`, 1_000)
  expect(countAdmitted(limit, 'a', 1_000)).toBe(1)
})
