import knownSeeds from './bugs/known-seeds.json' with { type: 'json' }
import { type RunResult, simulate } from './run.ts'
import type { PlantedBug } from './seams.ts'

/** Every planted bug is seen within so many seeds. */
export const MOST_SEEDS = 300

/** The first run in which a checker sees the bug: the seed that showed it last is tried before all others, to save time. */
export const firstCatch = async (bug: PlantedBug): Promise<RunResult | undefined> => {
  const known = (knownSeeds as Readonly<Record<string, number>>)[bug.name]
  for (const seed of seedsFrom(known)) {
    const result = await simulate(seed, bug.seams())
    if (result.violation !== undefined) return result
  }
  return undefined
}

function* seedsFrom(known: number | undefined): Iterable<number> {
  if (known !== undefined) yield known
  for (let seed = 1; seed <= MOST_SEEDS; seed++) if (seed !== known) yield seed
}
