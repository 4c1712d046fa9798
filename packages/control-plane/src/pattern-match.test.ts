import { expect, test } from 'vitest'
import { matchesPattern } from './pattern-match.ts'

test('a value matches a pattern or not', () => {
  expect(matchesPattern(/^\d+$/, '123')).toBe(true)
  expect(matchesPattern(/^\d+$/, '12a')).toBe(false)
})

test('a pattern that would run for ever is given up', () => {
  expect(() => matchesPattern(/^(a+)+$/, `${'a'.repeat(60)}!`)).toThrow(RangeError)
})
