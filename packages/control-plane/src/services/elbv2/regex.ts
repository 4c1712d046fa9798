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

/** JavaScript takes them for literals; the load balancer's expressions (PCRE2) do not take them at all. */
const unknown: readonly (readonly [string, RegExp])[] = [
  ['escapes of letters without a meaning', /\\[FgiIjJklLmMoOqTuUyY]/],
  ['empty character classes', /(?<!\[[^\]]*)\[\^?\](?![^\]]*\])/],
]

const withoutEscapedSigns = (regex: string): string => regex.replace(/\\[^1-9A-Za-z]/gs, '_')

/** What is escaped, or stands in a character class, is no operator. */
const withoutClasses = (regex: string): string => regex.replace(/\[\^?\]?[^\]]*\]/g, '_')

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
  const unescaped = withoutEscapedSigns(regex)
  const operators = withoutClasses(unescaped)
  const [what] =
    unsupported.find(([, pattern]) => pattern.test(operators)) ??
    unknown.find(([, pattern]) => pattern.test(unescaped)) ??
    []
  if (what !== undefined)
    throw validationError(`The regular expression '${regex}' is not valid: ${what} are not supported`)
  if (!isWhole(regex)) throw validationError(`The regular expression '${regex}' is not valid`)
}
