import type { Pattern } from './pattern.ts'

export type Operator =
  | '=='
  | '!='
  | '>'
  | '>='
  | '<'
  | '<='
  | 'exists'
  | '!exists'
  | 'in'
  | '!in'
  | '=~'
  | '!~'

/** What a subject's values are compared as. */
export type Kind = 'text' | 'boolean' | 'number' | 'version' | 'date'

export type Expression =
  | { readonly kind: 'or' | 'and'; readonly operands: readonly Expression[] }
  | { readonly kind: 'not'; readonly operand: Expression }
  | Comparison

export interface Comparison {
  readonly kind: 'comparison'
  /** `agentConnected`, `attribute:NAME`, `task:group` … */
  readonly subject: string
  readonly operator: Operator
  /** One for most operators, none for exists, any number for `in`; of `=~` the source of `pattern`. */
  readonly arguments: readonly string[]
  readonly pattern?: Pattern
}

/** What is wrong with an expression, and where. */
export class QuerySyntaxError extends Error {
  /** Characters from the start of the expression. */
  readonly position: number

  constructor(problem: string, position: number) {
    super(`Invalid expression: ${problem} at position ${position}.`)
    this.name = 'QuerySyntaxError'
    this.position = position
  }
}
