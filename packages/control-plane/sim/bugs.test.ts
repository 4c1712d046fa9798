import { describe, expect, it } from 'vitest'
import { plantedBugs } from './bugs/index.ts'
import { type RunResult, simulate } from './run.ts'
import type { PlantedBug } from './seams.ts'

const MOST_SEEDS = 200

/** The first run in which a checker sees the bug. */
const firstCatch = async (bug: PlantedBug): Promise<RunResult | undefined> => {
  for (let seed = 1; seed <= MOST_SEEDS; seed++) {
    const result = await simulate(seed, bug.seams())
    if (result.violation !== undefined) return result
  }
  return undefined
}

/** Those that are named see the bug at once or are the only ones that can; others may be the first by luck. */
const seenBy: Readonly<Record<string, readonly string[]>> = {
  'answers-before-durable': ['acknowledged-writes', 'task-history', 'one-leader'],
  'numbers-restart': ['message-order'],
  'gives-up-early': ['lost-hosts'],
  'wrong-exit-code': ['engine-truth'],
  'wished-status': ['engine-truth', 'task-history'],
  overcommit: ['capacity'],
  'reused-port': ['capacity'],
  'freed-too-early': ['capacity'],
  'doubled-effect': ['acknowledged-writes'],
  'forgotten-stop': ['acknowledged-writes'],
  'shared-credentials': ['role-credentials'],
  'forgetful-breaker': ['services-are-steady'],
  // The agent gives its session up again and again: whether it is away in the end is chance.
  'dropped-acknowledgement': ['reports-are-acknowledged', 'lost-hosts-are-given-up'],
}

describe('the checkers', () => {
  it.each(plantedBugs.map(bug => [bug.name, bug] as const))(
    'see the planted bug %s',
    async (name, bug) => {
      const caught = await firstCatch(bug)
      expect(caught?.violation, bug.says).toBeDefined()
      const named = seenBy[name]
      if (named !== undefined) expect(named).toContain(caught?.violation?.checker)
    },
    300_000,
  )
})
