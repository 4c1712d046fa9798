import { type RunResult, simulate } from './run.ts'
import type { PlantedBug } from './seams.ts'

/** Every planted bug is seen within so many seeds. */
export const MOST_SEEDS = 300

/** The first run in which a checker sees the bug. `likely`: a seed that is tried before the others. */
export const firstCatch = async (bug: PlantedBug, likely = 1): Promise<RunResult | undefined> => {
  for (let count = 0; count < MOST_SEEDS; count++) {
    const result = await simulate(((likely - 1 + count) % MOST_SEEDS) + 1, bug.seams())
    if (result.violation !== undefined) return result
  }
  return undefined
}
