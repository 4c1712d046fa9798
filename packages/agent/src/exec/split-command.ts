/** The command line is not closed: `'` or `"` is missing, or a backslash ends it. */
export class CommandLineError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'CommandLineError'
  }
}

/**
 * Words as a POSIX shell would part them, without expanding anything: what ECS Exec does with `command`, so that
 * `sh -c 'ls | wc -l'` is three words. Throws CommandLineError.
 */
export const splitCommand = (line: string): string[] => {
  const words: string[] = []
  let word: string | undefined
  let quote: '"' | "'" | undefined
  const characters = [...line]
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? ''
    if (quote === undefined && /\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (character === quote) quote = undefined
    else if (quote === undefined && (character === '"' || character === "'")) {
      quote = character
      word ??= ''
    } else if (character === '\\' && escapes(quote, characters[at + 1])) {
      at++
      const escaped = characters[at]
      if (escaped === undefined) throw new CommandLineError('The command ends with a backslash.')
      word = (word ?? '') + escaped
    } else word = (word ?? '') + character
  }
  if (quote !== undefined) throw new CommandLineError(`The command has an unclosed ${quote}.`)
  if (word !== undefined) words.push(word)
  return words
}

/** Within double quotes a backslash only protects what would else be special there. */
const escapes = (quote: '"' | "'" | undefined, next: string | undefined): boolean =>
  quote === undefined || (quote === '"' && next !== undefined && '"\\$`'.includes(next))
