import { expect, it } from 'vitest'
import { retryAfterOf } from './connection.ts'

it.each([
  [undefined, 0],
  ['120', 120_000],
  ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
  ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
  ['soon', 0],
])('an authority that says Retry-After: %s is left alone for %i ms', (text, ms) => {
  expect(retryAfterOf(text, Date.parse('2026-01-01T00:00:00Z'))).toBe(ms)
})
