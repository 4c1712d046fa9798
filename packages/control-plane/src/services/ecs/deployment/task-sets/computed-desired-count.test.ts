import { describe, expect, it } from 'vitest'
import { service } from '../../fixtures/service-world.ts'
import { computedDesiredCountOf } from './computed-desired-count.ts'

const count = (desiredCount: number, value: number, status: 'PRIMARY' | 'DRAINING' = 'PRIMARY') =>
  computedDesiredCountOf(service({ desiredCount }), { status, scale: { value, unit: 'PERCENT' } })

describe('the computed desired count of a task set', () => {
  it.each([
    [4, 30, 2],
    [3, 50, 2],
    [10, 30, 3],
    [10, 0, 0],
    [7, 100, 7],
    [3, 33.3, 1],
    [3, 33.4, 2],
    [1, 0.01, 1],
    [0, 100, 0],
    [250, 64.4, 161],
    [100, 29, 29],
    [300, 7, 21],
  ])(
    'of %i tasks and %f per cent is %i: always rounded up, and never by binary fractions',
    (all, value, result) => {
      expect(count(all, value)).toBe(result)
    },
  )

  it('is none while the set drains, or its service is deleted', () => {
    expect(count(4, 100, 'DRAINING')).toBe(0)
    const deleted = service({ desiredCount: 4, status: 'DRAINING' })
    expect(
      computedDesiredCountOf(deleted, { status: 'ACTIVE', scale: { value: 100, unit: 'PERCENT' } }),
    ).toBe(0)
  })
})
