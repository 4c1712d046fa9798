import { type RunResult, simulate } from './run.ts'
import type { PlantedBug } from './seams.ts'

/** Every planted bug is seen within so many seeds. */
export const MOST_SEEDS = 300

/** The first run in which a checker sees the bug. */
export const firstCatch = async (bug: PlantedBug): Promise<RunResult | undefined> => {
  for (let seed = 1; seed <= MOST_SEEDS; seed++) {
    const result = await simulate(seed, bug.seams())
    if (result.violation !== undefined) return result
  }
  return undefined
}
