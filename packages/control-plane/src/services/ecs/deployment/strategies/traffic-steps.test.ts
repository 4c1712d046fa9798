import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { trafficStepsOf } from './traffic-steps.ts'

const tens = [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]

describe('the steps of the production traffic', () => {
  it.each([
    ['BLUE_GREEN moves it at once', { strategy: 'BLUE_GREEN' }, [1000], 0],
    ['LINEAR by ten per cent every six minutes', { strategy: 'LINEAR' }, tens, 360_000],
    [
      'LINEAR in equal steps, the last of which is what is left',
      { strategy: 'LINEAR', linearConfiguration: { stepPercent: 33.3, stepBakeTimeInMinutes: 1 } },
      [333, 666, 999, 1000],
      60_000,
    ],
    ['CANARY five per cent for ten minutes, then the rest', { strategy: 'CANARY' }, [50, 1000], 600_000],
    [
      'CANARY of everything in one step',
      { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 100, canaryBakeTimeInMinutes: 0 } },
      [1000],
      0,
    ],
  ] as const)('%s', (_, configuration, shares, bakeMs) => {
    expect(trafficStepsOf(configuration, true)).toEqual({ shares, bakeMs })
  })

  it('moves everything at once where there is nothing to take it from', () => {
    expect(trafficStepsOf({ strategy: 'LINEAR' }, false).shares).toEqual([1000])
  })

  it('always rises, and ends with everything', () => {
    const percent = fc.integer({ min: 30, max: 1000 }).map(tenths => tenths / 10)
    fc.assert(
      fc.property(fc.constantFrom('LINEAR', 'CANARY'), percent, (strategy, value) => {
        const { shares } = trafficStepsOf(
          {
            strategy,
            linearConfiguration: { stepPercent: value },
            canaryConfiguration: { canaryPercent: value },
          },
          true,
        )
        expect(shares.at(-1)).toBe(1000)
        for (const [index, share] of shares.entries()) expect(share).toBeGreaterThan(shares[index - 1] ?? 0)
        if (strategy === 'LINEAR') expect(shares).toHaveLength(Math.ceil(100 / value))
      }),
    )
  })
})
