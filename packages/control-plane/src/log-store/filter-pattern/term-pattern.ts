import type { Test } from './expression.ts'
import type { PatternReader } from './pattern-reader.ts'
import { compileRegex } from './regex.ts'

/** `ERROR "exact phrase" -excluded %regex%`, or `?one ?of ?these`. Case counts; an empty pattern matches all. */
export const readTermPattern = (reader: PatternReader): Test<string> => {
  const required: Test<string>[] = []
  const optional: Test<string>[] = []
  reader.skipSpace()
  while (!reader.atEnd) {
    if (reader.take('-')) required.push(negated(readTerm(reader)))
    else if (reader.take('?')) optional.push(readTerm(reader))
    else required.push(readTerm(reader))
    if (!reader.atEnd && !reader.match(/\s+/y)) reader.fail('expected a space between terms')
  }
  // As documented: optional terms are ignored beside others.
  if (required.length > 0) return message => required.every(test => test(message))
  return optional.length > 0 ? message => optional.some(test => test(message)) : () => true
}

const negated =
  (test: Test<string>): Test<string> =>
  message =>
    !test(message)

const readTerm = (reader: PatternReader): Test<string> => {
  if (reader.match(/(?=%)/y) !== undefined) return compileRegex(reader.regexText())
  const quoted = reader.match(/(?=")/y) !== undefined
  const term = quoted ? reader.quoted('"') : reader.match(/\S+/y)
  if (term === undefined) return reader.fail('expected a term')
  if (!quoted && /[^\p{L}\p{N}_*]/u.test(term)) reader.fail(`invalid character(s) in term '${term}'`)
  return message => message.includes(term)
}
