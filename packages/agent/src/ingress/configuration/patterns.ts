/** AWS's wildcards, as the cheapest match of HAProxy's that says the same. */

export interface Match {
  /** HAProxy's: the whole text, its beginning, its end, or a regular expression. */
  readonly method: 'str' | 'beg' | 'end' | 'reg'
  readonly pattern: string
}

const escaped = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)

/** `*` is any number of characters, `?` is one. `any` is what a character may be. */
export const wildcardExpression = (pattern: string, any = '.', hasEscapes = false): string => {
  let expression = ''
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at)
    const next = pattern.charAt(at + 1)
    if (hasEscapes && character === '\\' && (next === '*' || next === '?' || next === '\\')) {
      expression += escaped(next)
      at++
    } else if (character === '*') expression += `${any}*`
    else if (character === '?') expression += any
    else expression += escaped(character)
  }
  return expression
}

/** Of a pattern that the whole text must match. */
export const matchOfWildcards = (pattern: string): Match => {
  const hasWildcards = /[*?]/.test(pattern)
  if (!hasWildcards) return { method: 'str', pattern }
  const rest = pattern.slice(0, -1)
  if (pattern.endsWith('*') && !/[*?]/.test(rest) && rest !== '') return { method: 'beg', pattern: rest }
  const tail = pattern.slice(1)
  if (pattern.startsWith('*') && !/[*?]/.test(tail) && tail !== '') return { method: 'end', pattern: tail }
  return { method: 'reg', pattern: `^${wildcardExpression(pattern)}$` }
}
