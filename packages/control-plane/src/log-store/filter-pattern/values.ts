import type { PatternReader } from './pattern-reader.ts'
import { compileRegex } from './regex.ts'

/** What stands at the right of a comparison. */
export type Literal =
  | { readonly kind: 'number'; readonly value: number; readonly text: string }
  | { readonly kind: 'text'; readonly matches: (text: string) => boolean }

export type Comparator = '=' | '!=' | '<' | '>' | '<=' | '>='

const comparators: readonly Comparator[] = ['!=', '<=', '>=', '=', '<', '>']

export const readComparator = (reader: PatternReader): Comparator | undefined =>
  comparators.find(comparator => reader.take(comparator))

const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/** `word` is what an unquoted value may be made of, which differs between the kinds of patterns. */
export const readLiteral = (reader: PatternReader, word: RegExp): Literal => {
  if (reader.match(/(?=%)/y) !== undefined) return { kind: 'text', matches: compileRegex(reader.regexText()) }
  if (reader.match(/(?=")/y) !== undefined) return { kind: 'text', matches: wildcard(reader.quoted('"')) }
  const text = reader.match(word)
  if (!text) return reader.fail('expected a value')
  if (numberPattern.test(text)) return { kind: 'number', value: Number(text), text }
  return { kind: 'text', matches: wildcard(text) }
}

/** A text in which an asterisk stands for any characters, none included. */
const wildcard = (pattern: string): ((text: string) => boolean) => {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return text => text === pattern
  return text => {
    if (!text.startsWith(first)) return false
    let position = first.length
    for (const part of rest) {
      const found = text.indexOf(part, position)
      if (found < 0) return false
      position = found + part.length
    }
    return text.length - last.length >= position && text.endsWith(last)
  }
}

/** Compares a value of the log with the pattern's; objects, lists and null never compare. */
export const compare = (comparator: Comparator, literal: Literal, value: unknown): boolean => {
  if (typeof value === 'object' || value === undefined) return false
  if (literal.kind === 'text') {
    const matches = literal.matches(String(value))
    return comparator === '=' ? matches : comparator === '!=' && !matches
  }
  const number = typeof value === 'string' && !numberPattern.test(value) ? Number.NaN : Number(value)
  if (comparator === '=') return number === literal.value
  if (comparator === '!=') return number !== literal.value
  if (comparator === '<') return number < literal.value
  if (comparator === '>') return number > literal.value
  return comparator === '<=' ? number <= literal.value : number >= literal.value
}
