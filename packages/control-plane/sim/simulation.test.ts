import { describe, expect, it } from 'vitest'
import { simulate } from './run.ts'

const SEEDS = 10

describe('a simulated control plane', () => {
  it('does nothing wrong, and converges', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { violation } = await simulate(seed)
      expect(violation, `npm run sim -- --seed ${seed}`).toBeUndefined()
    }
  }, 120_000)

  it('runs exactly the same again with the same seed', async () => {
    const [first, again, other] = [await simulate(7), await simulate(7), await simulate(8)]
    expect(again.digest).toBe(first.digest)
    expect(again.events).toBe(first.events)
    expect(other.digest).not.toBe(first.digest)
  })
})
