import { describe, expect, it } from 'vitest'
import { plantedBugs } from './bugs/index.ts'
import { firstCatch } from './first-catch.ts'

describe('the checkers', () => {
  it.each(plantedBugs.map(bug => [bug.name, bug] as const))(
    'see the planted bug %s',
    async (_, bug) => expect((await firstCatch(bug))?.violation, bug.says).toBeDefined(),
    300_000,
  )
})
