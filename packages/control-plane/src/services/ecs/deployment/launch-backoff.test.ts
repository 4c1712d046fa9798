import { describe, expect, it } from 'vitest'
import { given, start } from '../fixtures/rows.ts'
import { deployment } from '../fixtures/service-world.ts'
import { afterFailures, afterSuccess, delayAfter, isHeld, shouldSayImpaired } from './launch-backoff.ts'

const failed = (createdAt: number) => given.task(1, { createdAt, lastStatus: 'STOPPED' })

describe('the launch back-off', () => {
  it('grows from a second to 27 minutes', () => {
    expect([1, 2, 3, 10, 11, 12, 100].map(delayAfter)).toEqual([
      1_000, 2_000, 4_000, 512_000, 1_024_000, 1_620_000, 1_620_000,
    ])
  })

  it('counts tasks that were launched together once, however late they fail', () => {
    const first = afterFailures(deployment(1), [failed(start), failed(start)], start + 10)
    expect(first).toMatchObject({ failedLaunches: 1, failedTasks: 2, launchAfter: start + 1_010 })
    const late = afterFailures(first, [failed(start)], start + 500)
    expect(late).toMatchObject({ failedLaunches: 1, failedTasks: 3, launchAfter: start + 1_010 })
    const second = afterFailures(late, [failed(start + 1_010)], start + 1_100)
    expect(second).toMatchObject({ failedLaunches: 2, failedTasks: 4, launchAfter: start + 3_100 })
  })

  it('holds launches until its time, and none after a success', () => {
    const once = afterFailures(deployment(1), [failed(start)], start)
    expect([isHeld(once, start + 999), isHeld(once, start + 1_000)]).toEqual([true, false])
    const forgotten = afterSuccess(once, start + 1)
    expect(isHeld(forgotten, start + 1)).toBe(false)
    expect(forgotten).toMatchObject({ failedLaunches: 0, failedTasks: 0 })
  })

  it('is spoken of from the third round on, and every six hours', () => {
    const rounds = (failedLaunches: number, impairedAt?: number) =>
      shouldSayImpaired(deployment(1, { failedLaunches, impairedAt }), start)
    expect([rounds(2), rounds(3), rounds(9, start - 1), rounds(9, start - 6 * 3_600_000)]).toEqual([
      false,
      true,
      false,
      true,
    ])
  })
})
