import { expect, it } from 'vitest'
import { UsageError } from '../failures.ts'
import { timeOf } from './time.ts'

const now = Date.UTC(2026, 10, 20, 12)

it.each([
  ['90s', '2026-11-20T11:58:30.000Z'],
  ['15m', '2026-11-20T11:45:00.000Z'],
  ['2h', '2026-11-20T10:00:00.000Z'],
  ['7d', '2026-11-13T12:00:00.000Z'],
  ['2026-11-01', '2026-11-01T00:00:00.000Z'],
  ['2026-11-01T08:00:00Z', '2026-11-01T08:00:00.000Z'],
])('reads %s', (text, expected) => {
  expect(timeOf(text, now).toISOString()).toBe(expected)
})

it.each(['yesterday', '2w', '', '-2h'])('refuses %j', text => {
  expect(() => timeOf(text, now)).toThrow(UsageError)
})
