import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { inShortTurns, soonInShortTurns } from './short-turns.ts'

const busyMs = (milliseconds: number): void => {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

it('spreads what arrives at once over several turns, in order, and counts what promises do behind it', async () => {
  const done: number[] = []
  for (let n = 0; n < 6; n++)
    inShortTurns(() => {
      void Promise.resolve()
        .then(() => busyMs(2))
        .then(() => done.push(n))
    })
  const seen: number[] = []
  while (done.length < 6) {
    await nextTurn()
    seen.push(done.length)
  }
  expect(done).toEqual([0, 1, 2, 3, 4, 5])
  expect(seen.length).toBeGreaterThanOrEqual(3)
  expect(seen[0]).toBeLessThanOrEqual(2)
})

it('lets work that may not wait for all requests have its turn among them', async () => {
  const done: string[] = []
  const finished = Promise.withResolvers<void>()
  for (let n = 0; n < 8; n++)
    inShortTurns(() => {
      busyMs(2)
      done.push(`request ${n}`)
      if (n === 7) finished.resolve()
    })
  soonInShortTurns(() => {
    busyMs(4)
    done.push('other')
  })
  await finished.promise
  expect(done.indexOf('other')).toBeLessThanOrEqual(2)
  expect(done.filter(name => name !== 'other')).toHaveLength(8)
})
