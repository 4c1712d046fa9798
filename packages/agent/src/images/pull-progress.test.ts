import type { BerthPullProgress } from '@berth/model'
import { expect, it } from 'vitest'
import { createManualClock } from '../clock.ts'
import { createPullProgressBoard } from './pull-progress.ts'

it('is told every two seconds while there is any, then once that there is none', async () => {
  const clock = createManualClock()
  const told: BerthPullProgress[] = []
  const board = createPullProgressBoard(clock, message => void told.push(message))
  board.note('t', 'quick', 'r.io/a', { downloadedBytes: 1, totalBytes: 2 })
  board.end('t', 'quick')
  for (const downloadedBytes of [1, 2, 3])
    board.note('t', 'slow', 'r.io/b', { downloadedBytes, totalBytes: 4 })
  await clock.advance(1_999)
  expect(told).toEqual([])
  await clock.advance(1)
  const slow = { taskArn: 't', container: 'slow', image: 'r.io/b', downloadedBytes: 3, totalBytes: 4 }
  expect(told).toEqual([{ pulls: [slow] }])
  board.end('t', 'slow')
  await clock.advance(2_000)
  expect(told.slice(1)).toEqual([{ pulls: [] }])
  await clock.advance(60_000)
  expect(told).toHaveLength(2)
})
