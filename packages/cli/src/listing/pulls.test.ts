import { expect, it } from 'vitest'
import { pullWords } from './pulls.ts'

it('says how far a pull is', () => {
  const pulls = new Map([['t', { downloaded: 12_340_000, total: 45_600_000 }]])
  expect(pullWords(pulls, 't')).toBe('pulling 12.3 of 45.6 MB')
  expect(pullWords(pulls, 'other')).toBe('')
  expect(pullWords(pulls, undefined)).toBe('')
})
