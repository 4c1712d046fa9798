import { readDelimitedPattern } from './delimited-pattern.ts'
import type { Test } from './expression.ts'
import { readJsonPattern } from './json-pattern.ts'
import { PatternReader } from './pattern-reader.ts'
import { readTermPattern } from './term-pattern.ts'

export { FilterPatternError } from './filter-pattern-error.ts'

/** CloudWatch Logs' filter pattern syntax: terms, JSON or space-delimited. Throws FilterPatternError. */
export const compileFilterPattern = (pattern: string): Test<string> => {
  const reader = new PatternReader(pattern.trim())
  const test = readPattern(reader)
  reader.skipSpace()
  if (!reader.atEnd) reader.fail('unexpected text')
  return test
}

const readPattern = (reader: PatternReader): Test<string> => {
  if (reader.match(/(?=\{)/y) !== undefined) return readJsonPattern(reader)
  if (reader.match(/(?=\[)/y) !== undefined) return readDelimitedPattern(reader)
  return readTermPattern(reader)
}
