import type { PatternReader } from './pattern-reader.ts'

export type Test<T> = (subject: T) => boolean

/** `a && b || (c && d)`: && binds closer than ||. `comparison` reads what stands between the operators. */
export const readExpression = <T>(
  reader: PatternReader,
  comparison: (reader: PatternReader) => Test<T>,
  depth = 0,
): Test<T> => {
  if (depth > 32) reader.fail('too deeply nested')
  const alternatives = [readConjunction(reader, comparison, depth)]
  while (reader.take('||')) alternatives.push(readConjunction(reader, comparison, depth))
  return subject => alternatives.some(test => test(subject))
}

const readConjunction = <T>(
  reader: PatternReader,
  comparison: (reader: PatternReader) => Test<T>,
  depth: number,
): Test<T> => {
  const conditions = [readOperand(reader, comparison, depth)]
  while (reader.take('&&')) conditions.push(readOperand(reader, comparison, depth))
  return subject => conditions.every(test => test(subject))
}

const readOperand = <T>(
  reader: PatternReader,
  comparison: (reader: PatternReader) => Test<T>,
  depth: number,
): Test<T> => {
  reader.skipSpace()
  const test = reader.take('(') ? readExpression(reader, comparison, depth + 1) : undefined
  if (test) reader.expect(')')
  const operand = test ?? comparison(reader)
  reader.skipSpace()
  return operand
}
