import { FilterPatternError } from './filter-pattern-error.ts'

/** Reads a pattern's text from left to right. */
export class PatternReader {
  readonly #text: string
  #position = 0

  constructor(text: string) {
    this.#text = text
  }

  get atEnd(): boolean {
    return this.#position >= this.#text.length
  }

  skipSpace(): void {
    this.match(/\s*/y)
  }

  /** True when the text goes on so; then it is consumed. */
  take(expected: string): boolean {
    if (!this.#text.startsWith(expected, this.#position)) return false
    this.#position += expected.length
    return true
  }

  expect(expected: string): void {
    if (!this.take(expected)) this.fail(`expected ${expected}`)
  }

  /** Takes what a sticky expression matches here; undefined when it does not. */
  match(expression: RegExp): string | undefined {
    expression.lastIndex = this.#position
    const found = expression.exec(this.#text)
    if (!found) return undefined
    this.#position += found[0].length
    return found[0]
  }

  /** A phrase in the given quotes; a backslash protects the next character. */
  quoted(quote: '"' | "'"): string {
    this.expect(quote)
    let phrase = ''
    while (!this.take(quote)) {
      if (this.atEnd) this.fail('unterminated quotation')
      this.take('\\')
      phrase += this.#text[this.#position++] ?? ''
    }
    return phrase
  }

  /** The text between two percent signs. */
  regexText(): string {
    this.expect('%')
    const text = this.match(/(?:\\.|[^%\\])+/sy)
    if (text === undefined || !this.take('%')) return this.fail('unterminated regular expression')
    return text
  }

  fail(reason: string): never {
    throw new FilterPatternError(`Invalid filter pattern: ${reason} at character ${this.#position}`)
  }
}
