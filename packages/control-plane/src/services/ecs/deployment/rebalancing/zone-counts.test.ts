import fc from 'fast-check'
import { expect, it } from 'vitest'
import { mostOf, movesToBalance, withZones, ZoneMoves, zonesBelow } from './zone-counts.ts'

const countsOf = (counts: readonly number[]) =>
  new Map(counts.map((count, index) => ['abcdef'[index] ?? '', count]))

it.each([
  [[2, 0], 1],
  [[3, 0], 1],
  [[2, 1], 0],
  [[5, 0, 0], 3],
  [[4, 4, 0], 2],
  [[1, 1, 0], 0],
  [[0, 0], 0],
])('of %j tasks in zones, %i move', (counts, moves) => {
  expect(movesToBalance(countsOf(counts))).toBe(moves)
})

it('zones that the tasks are not in count as empty ones', () => {
  expect(zonesBelow(withZones(countsOf([2]), ['a', 'b']), 2)).toEqual(['b'])
})

it('as many moves as needed, each an improvement, make the zones differ by one at most', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 5 }), given => {
      const counts = new Map(countsOf(given))
      const needed = movesToBalance(counts)
      const moves = new ZoneMoves(counts, new Set(counts.keys()))
      for (let made = 0; made < needed; made++) {
        const [least] = [...counts].sort(([, a], [, b]) => a - b)[0] ?? ['']
        const [most] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? ['']
        expect(moves.take(least)).toBe(true)
        counts.set(least, (counts.get(least) ?? 0) + 1)
        counts.set(most, (counts.get(most) ?? 0) - 1)
      }
      expect(zonesBelow(counts, mostOf(counts))).toEqual([])
      for (const zone of counts.keys()) expect(moves.take(zone)).toBe(false)
    }),
  )
})

it('no task moves where none may be taken, or where as many are', () => {
  expect(new ZoneMoves(countsOf([5, 0]), new Set()).take('b')).toBe(false)
  expect(new ZoneMoves(countsOf([5, 3, 4]), new Set(['c'])).take('b')).toBe(false)
  expect(new ZoneMoves(countsOf([5, 3]), new Set(['a'])).take('b')).toBe(true)
})
