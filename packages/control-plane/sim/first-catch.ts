import knownSeeds from './bugs/known-seeds.json' with { type: 'json' }
import { seenBy } from './bugs/seen-by.ts'
import { type RunResult, simulate } from './run.ts'
import type { PlantedBug } from './seams.ts'

/** Every planted bug is seen within so many seeds. */
export const MOST_SEEDS = 300

/**
 * The first run in which a checker that is for the bug sees it: the seed that showed it last is tried before all others, to save
 * time. A checker that is for something else may be first to see what follows from a bug, and proves nothing.
 */
export const firstCatch = async (bug: PlantedBug): Promise<RunResult | undefined> => {
  const known = (knownSeeds as Readonly<Record<string, number>>)[bug.name]
  const named = seenBy[bug.name]
  for (const seed of seedsFrom(known)) {
    const result = await simulate(seed, bug.seams())
    const checker = result.violation?.checker
    if (checker !== undefined && (named === undefined || named.includes(checker))) return result
  }
  return undefined
}

function* seedsFrom(known: number | undefined): Iterable<number> {
  if (known !== undefined) yield known
  for (let seed = 1; seed <= MOST_SEEDS; seed++) if (seed !== known) yield seed
}
