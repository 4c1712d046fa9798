import { validationError } from './errors.ts'

/** (AWS: "Listener rules for your Application Load Balancer", Rule basics: what regular expressions do not support) */
const unsupported: readonly (readonly [string, RegExp])[] = [
  ['lookaheads or lookbehinds', /\(\?<?[=!]/],
  ['atomic groups', /\(\?>/],
  ['subroutines or recursion', /\(\?(R|&|P>|[+-]?\d)|\\g[<'{\d]/],
  ['backreferences', /\\([1-9]|k[<'{])|\(\?P=/],
  ['possessive quantifiers', /[*+?}]\+/],
  ['Unicode character classes', /\\[pP][{\p{L}]/u],
]

/** What is escaped, or stands in a character class, is no operator. */
const withoutLiterals = (regex: string): string =>
  regex.replace(/\\[^1-9kgpP]/gs, '_').replace(/\[\^?\]?[^\]]*\]/g, '_')

const isWhole = (regex: string): boolean => {
  try {
    // Only to see whether it is one: where it matches is up to the load balancer.
    new RegExp(regex.replace(/^\(\?i\)/, ''))
    return true
  } catch {
    return false
  }
}

/** Throws ValidationError. `longest` is in characters. */
export const checkRegex = (regex: string, longest: number): void => {
  if (regex === '') throw validationError('A regular expression cannot be empty')
  if (regex.length > longest)
    throw validationError(`The regular expression '${regex}' cannot be longer than '${longest}' characters`)
  const operators = withoutLiterals(regex)
  const [what] = unsupported.find(([, pattern]) => pattern.test(operators)) ?? []
  if (what !== undefined)
    throw validationError(`The regular expression '${regex}' is not valid: ${what} are not supported`)
  if (!isWhole(regex)) throw validationError(`The regular expression '${regex}' is not valid`)
}
