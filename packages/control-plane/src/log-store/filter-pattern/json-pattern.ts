import { readExpression, type Test } from './expression.ts'
import type { PatternReader } from './pattern-reader.ts'
import { compare, readComparator, readLiteral } from './values.ts'

/** A member's name, an element's index, or every element and member. */
type Step = string | number | typeof everything
const everything = Symbol('*')

/** `{ $.user.id = 1 && ($.tags[*] = "a*" || $.error IS TRUE) }`: messages that are JSON. */
export const readJsonPattern = (reader: PatternReader): Test<string> => {
  reader.expect('{')
  const test = readExpression<unknown>(reader, readComparison)
  reader.expect('}')
  return message => {
    const value = parseJson(message)
    return value !== undefined && test(value)
  }
}

const parseJson = (message: string): unknown => {
  // Cheaper than the exception that most lines of an ordinary log would cost.
  if (!/^\s*[{[]/.test(message)) return undefined
  try {
    return JSON.parse(message)
  } catch {
    return undefined
  }
}

const readComparison = (reader: PatternReader): Test<unknown> => {
  const path = readSelector(reader)
  reader.skipSpace()
  if (reader.match(/NOT\s+EXISTS\b/iy)) return value => select(value, path).length === 0
  if (reader.match(/EXISTS\b/iy)) return value => select(value, path).length > 0
  const constant = reader.match(/IS\s+(NULL|TRUE|FALSE)\b/iy)
  if (constant) return isConstant(path, constant)
  const comparator = readComparator(reader)
  if (!comparator) return reader.fail('expected a comparison')
  reader.skipSpace()
  const literal = readLiteral(reader, /[^\s"%&|(){}=<>!]+/y)
  return value => select(value, path).some(found => compare(comparator, literal, found))
}

const isConstant = (path: readonly Step[], text: string): Test<unknown> => {
  const name = text.slice(2).trim().toUpperCase()
  const constant = name === 'NULL' ? null : name === 'TRUE'
  return value => select(value, path).some(found => found === constant)
}

const readSelector = (reader: PatternReader): Step[] => {
  reader.expect('$')
  const path: Step[] = []
  while (true) {
    if (reader.take('.')) path.push(readName(reader))
    else if (reader.take('[')) path.push(readBracket(reader))
    else return path
  }
}

const readName = (reader: PatternReader): Step => {
  if (reader.take('*')) return everything
  return reader.match(/[\p{L}\p{N}_-]+/uy) ?? reader.fail('expected a property name')
}

const readBracket = (reader: PatternReader): Step => {
  reader.skipSpace()
  let step: Step
  if (reader.take('*')) step = everything
  else if (reader.match(/(?=")/y) !== undefined) step = reader.quoted('"')
  else if (reader.match(/(?=')/y) !== undefined) step = reader.quoted("'")
  else step = Number(reader.match(/\d+/y) ?? reader.fail('expected an index'))
  reader.skipSpace()
  reader.expect(']')
  return step
}

const select = (value: unknown, path: readonly Step[]): unknown[] => {
  let found: unknown[] = [value]
  for (const step of path) found = found.flatMap(each => descend(each, step))
  return found
}

const descend = (value: unknown, step: Step): unknown[] => {
  if (typeof value !== 'object' || value === null) return []
  if (step === everything) return Object.values(value)
  if (typeof step === 'number') return Array.isArray(value) && step < value.length ? [value[step]] : []
  return Object.hasOwn(value, step) && !Array.isArray(value) ? [Reflect.get(value, step)] : []
}
