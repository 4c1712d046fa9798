import type { Comparison, Expression } from './expression.ts'
import { readValue, type Value } from './read-value.ts'
import { subjectRule } from './subjects.ts'

/**
 * The values of a subject: none when it does not exist, several for `task:group`. An attribute without a value has
 * the empty text; dates are ISO 8601.
 */
export type SubjectLookup = (subject: string) => readonly string[]

/** Whether an instance, of which `lookup` knows all, is one of those that the expression selects. */
export const evaluate = (expression: Expression, lookup: SubjectLookup): boolean => {
  switch (expression.kind) {
    case 'or':
      return expression.operands.some(operand => evaluate(operand, lookup))
    case 'and':
      return expression.operands.every(operand => evaluate(operand, lookup))
    case 'not':
      return !evaluate(expression.operand, lookup)
    case 'comparison':
      return compare(expression, lookup(expression.subject))
  }
}

/** A negative operator is the opposite of its positive one: also for what does not exist. */
const compare = (comparison: Comparison, values: readonly string[]): boolean => {
  switch (comparison.operator) {
    case 'exists':
      return values.length > 0
    case '!exists':
      return values.length === 0
    case '==':
      return anyInOrder(comparison, values, order => order === 0)
    case '!=':
      return !anyInOrder(comparison, values, order => order === 0)
    case '>':
      return anyInOrder(comparison, values, order => order > 0)
    case '>=':
      return anyInOrder(comparison, values, order => order >= 0)
    case '<':
      return anyInOrder(comparison, values, order => order < 0)
    case '<=':
      return anyInOrder(comparison, values, order => order <= 0)
    case 'in':
      return values.some(value => comparison.arguments.includes(value))
    case '!in':
      return !values.some(value => comparison.arguments.includes(value))
    case '=~':
      return values.some(value => comparison.pattern?.matches(value))
    case '!~':
      return !values.some(value => comparison.pattern?.matches(value))
  }
}

const anyInOrder = (
  { subject, arguments: [argument = ''] }: Comparison,
  values: readonly string[],
  accepts: (order: number) => boolean,
): boolean =>
  values.some(value => {
    const order = orderOf(subjectRule(subject)?.kind ?? 'text', value, argument)
    return order !== undefined && accepts(order)
  })

/** Negative when `value` comes before `argument`; undefined when the two cannot be compared. */
const orderOf = (
  kind: Parameters<typeof readValue>[0],
  value: string,
  argument: string,
): number | undefined => {
  if (kind === 'text') return orderOfTexts(value, argument)
  const left = readValue(kind, value)
  const right = readValue(kind, argument)
  return left === undefined || right === undefined ? undefined : orderOfValues(left, right)
}

/** Numbers by their size, everything else by its characters. */
const orderOfTexts = (value: string, argument: string): number => {
  const left = readValue('number', value)
  const right = readValue('number', argument)
  return left !== undefined && right !== undefined
    ? orderOfValues(left, right)
    : orderOfValues(value, argument)
}

const orderOfValues = (left: Value, right: Value): number => {
  if (typeof left !== 'object' || typeof right !== 'object') return left === right ? 0 : left < right ? -1 : 1
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
