import { type Comparison, type Expression, type Operator, QuerySyntaxError } from './expression.ts'
import { compilePattern, PatternError } from './pattern.ts'
import { readValue } from './read-value.ts'
import { subjectRule } from './subjects.ts'

/** Longest first: `!=` before `!`. */
const symbols: readonly (readonly [string, Operator])[] = [
  ['==', '=='],
  ['!=', '!='],
  ['>=', '>='],
  ['<=', '<='],
  ['=~', '=~'],
  ['!~', '!~'],
  ['!exists', '!exists'],
  ['!in', '!in'],
  ['>', '>'],
  ['<', '<'],
]

const words: Readonly<Record<string, Operator>> = {
  equals: '==',
  not_equals: '!=',
  greater_than: '>',
  greater_than_equal: '>=',
  less_than: '<',
  less_than_equal: '<=',
  exists: 'exists',
  not_exists: '!exists',
  in: 'in',
  not_in: '!in',
  matches: '=~',
  not_matches: '!~',
}

/** Deeper nesting than this is refused, so that no expression can exhaust the stack. */
const deepest = 100

/** Parses the cluster query language. Throws QuerySyntaxError with the position of what is wrong. */
export const parseExpression = (text: string): Expression => new Parser(text).parse()

class Parser {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): Expression {
    const expression = this.#or()
    if (this.#at < this.#text.length) throw this.#expected('the end or a boolean operator')
    return expression
  }

  #or(): Expression {
    const operands = [this.#and()]
    while (this.#takeSymbol('||') || this.#takeWord('or')) operands.push(this.#and())
    return operands.length === 1 && operands[0] ? operands[0] : { kind: 'or', operands }
  }

  #and(): Expression {
    const operands = [this.#unary()]
    while (this.#takeSymbol('&&') || this.#takeWord('and')) operands.push(this.#unary())
    return operands.length === 1 && operands[0] ? operands[0] : { kind: 'and', operands }
  }

  #unary(): Expression {
    if (++this.#depth > deepest) throw new QuerySyntaxError('it is nested too deeply', this.#at)
    const expression = this.#unaryOrComparison()
    this.#depth--
    return expression
  }

  #unaryOrComparison(): Expression {
    if (this.#takeSymbol('!') || this.#takeWord('not')) return { kind: 'not', operand: this.#unary() }
    if (!this.#takeSymbol('(')) return this.#comparison()
    const inner = this.#or()
    if (!this.#takeSymbol(')')) throw this.#expected('a closing parenthesis')
    return inner
  }

  #comparison(): Comparison {
    this.#skipBlanks()
    const start = this.#at
    const subject = this.#run(/[\w.:/\\-]+/y)
    if (!subject) throw this.#expected('a subject')
    const rule = subjectRule(subject)
    if (!rule) throw new QuerySyntaxError(`there is no subject ${subject}`, start)
    this.#skipBlanks()
    const operatorAt = this.#at
    const operator = this.#operator()
    if (!rule.operators.includes(operator))
      throw new QuerySyntaxError(`${subject} cannot be compared with ${operator}`, operatorAt)
    return { kind: 'comparison', subject, operator, ...this.#operands(operator, rule.kind) }
  }

  #operator(): Operator {
    for (const [symbol, operator] of symbols) if (this.#takeSymbol(symbol)) return operator
    const start = this.#at
    const operator = words[this.#run(/[a-z_]+/y)]
    if (operator) return operator
    this.#at = start
    throw this.#expected('an operator')
  }

  #operands(
    operator: Operator,
    kind: Parameters<typeof readValue>[0],
  ): Pick<Comparison, 'arguments' | 'pattern'> {
    if (operator === 'exists' || operator === '!exists') return { arguments: [] }
    if (operator === 'in' || operator === '!in') return { arguments: this.#list() }
    this.#skipBlanks()
    const start = this.#at
    const argument = this.#argument()
    if (operator === '=~' || operator === '!~')
      return { arguments: [argument], pattern: patternAt(argument, start) }
    if (readValue(kind, argument) === undefined)
      throw new QuerySyntaxError(`${argument} is no ${kind}`, start)
    return { arguments: [argument] }
  }

  #list(): string[] {
    if (!this.#takeSymbol('[')) throw this.#expected('a list in brackets')
    const list = [this.#argument()]
    while (this.#takeSymbol(',')) list.push(this.#argument())
    if (!this.#takeSymbol(']')) throw this.#expected('a comma or a closing bracket')
    return list
  }

  /** Quoted, or up to a blank, a comma, an operator or a bracket that was opened outside. */
  #argument(): string {
    this.#skipBlanks()
    const quoted = this.#run(/"[^"]*"|'[^']*'/y)
    if (quoted) return quoted.slice(1, -1)
    const start = this.#at
    for (let open = 0; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at] ?? ''
      if (character === '(' || character === '[') open++
      else if (character === ')' || character === ']') open--
      if (open < 0 || (open === 0 && /[\s,]|&&|\|\|/y.test(this.#text.slice(this.#at, this.#at + 2)))) break
    }
    if (this.#at === start) throw this.#expected('an argument')
    return this.#text.slice(start, this.#at)
  }

  #run(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }

  #skipBlanks(): void {
    this.#run(/\s+/y)
  }

  /** Takes the symbol and the blanks around it. */
  #takeSymbol(symbol: string): boolean {
    this.#skipBlanks()
    if (!this.#text.startsWith(symbol, this.#at)) return false
    this.#at += symbol.length
    this.#skipBlanks()
    return true
  }

  #takeWord(word: string): boolean {
    this.#skipBlanks()
    const start = this.#at
    if (this.#run(/[a-z]+(?=[\s(]|$)/y) === word) return true
    this.#at = start
    return false
  }

  #expected(what: string): QuerySyntaxError {
    const found = this.#at < this.#text.length ? `"${this.#text.slice(this.#at, this.#at + 20)}"` : 'the end'
    return new QuerySyntaxError(`expected ${what}, found ${found}`, this.#at)
  }
}

const patternAt = (source: string, position: number): ReturnType<typeof compilePattern> => {
  try {
    return compilePattern(source)
  } catch (error) {
    if (error instanceof PatternError) throw new QuerySyntaxError(error.message, position)
    throw error
  }
}
