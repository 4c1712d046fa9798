import { expect, it } from 'vitest'
import { createManualClock } from '../clock.ts'
import { silentLog } from '../log.ts'
import { keepOpen } from './keep-open.ts'

it('takes the address over once another agent of the host has ended, and puts it back when it is taken away', async () => {
  const clock = createManualClock()
  const calls: string[] = []
  let isTaken = true
  let opened = 0
  const kept = keepOpen({
    clock,
    log: silentLog,
    ensureAddress: async () => {
      calls.push('ensure')
    },
    verify: async () => {
      calls.push('verify')
    },
    removeAddress: async () => {
      calls.push('remove')
    },
    open: async () => {
      if (isTaken) throw Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE' })
      opened += 1
      return { port: 53, close: async () => {} }
    },
  })
  await kept.opened
  expect(opened).toBe(0)
  isTaken = false
  await clock.advance(10_000)
  expect(opened).toBe(1)
  calls.length = 0
  await clock.advance(10_000)
  expect([opened, calls]).toEqual([1, ['ensure', 'verify']])
  await kept.stop()
  await clock.advance(60_000)
  expect(calls).toEqual(['ensure', 'verify', 'remove'])
})
