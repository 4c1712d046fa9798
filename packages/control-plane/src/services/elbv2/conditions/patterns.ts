/** The texts that conditions compare, with AWS's rules of what may be in them. (AWS: RuleCondition) */
import { validationError } from '../errors.ts'
import { checkRegex } from '../regex.ts'

export const longestValue = 128

export interface Compared {
  readonly values: readonly string[]
  readonly regexValues: readonly string[]
}

export const wildcardsIn = (value: string): number => [...value.replace(/\\./g, '').matchAll(/[*?]/g)].length

export const checkLength = (field: string, value: string, longest = longestValue): void => {
  if (value === '') throw validationError(`A condition value for field '${field}' cannot be empty`)
  if (value.length > longest)
    throw validationError(
      `Condition value '${value}' for field '${field}' cannot be longer than '${longest}' characters`,
    )
}

const invalidCharacter = (field: string, value: string) =>
  validationError(`Condition value '${value}' for field '${field}' contains a character that is not valid`)

const checkHost = (field: string, value: string): void => {
  checkLength(field, value)
  if (!/^[A-Za-z0-9\-._*?]+$/.test(value)) throw invalidCharacter(field, value)
  if (!/\.[A-Za-z*?]+$/.test(value))
    throw validationError(
      `Condition value '${value}' for field '${field}' must have a '.' and only alphabetical characters after the last one`,
    )
}

const checkPath = (field: string, value: string): void => {
  checkLength(field, value)
  if (!/^[A-Za-z0-9_\-.$/~"'@:+&*?]+$/.test(value)) throw invalidCharacter(field, value)
}

const checkMethod = (field: string, value: string): void => {
  checkLength(field, value, 40)
  if (!/^[A-Z_-]+$/.test(value)) throw invalidCharacter(field, value)
}

/** What an HTTP header's value may hold. (RFC 7230) */
const checkHeaderValue = (field: string, value: string): void => {
  checkLength(field, value)
  if (!/^[\t\u0020-\u007e\u0080-\u00ff]+$/.test(value)) throw invalidCharacter(field, value)
}

const checks: Readonly<Record<string, (field: string, value: string) => void>> = {
  'host-header': checkHost,
  'path-pattern': checkPath,
  'http-request-method': checkMethod,
  'http-header': checkHeaderValue,
}

interface GivenValues {
  readonly Values?: readonly string[] | undefined
  readonly RegexValues?: readonly string[] | undefined
}

/** Either values or regular expressions. Throws ValidationError. */
export const comparedBy = (field: string, { Values = [], RegexValues = [] }: GivenValues): Compared => {
  if (Values.length === 0 && RegexValues.length === 0)
    throw validationError(`A condition value must be specified for field '${field}'`)
  if (Values.length > 0 && RegexValues.length > 0)
    throw validationError(`Only one of values or regex values can be specified for field '${field}'`)
  for (const value of Values) checks[field]?.(field, value)
  for (const regex of RegexValues) checkRegex(regex, longestValue)
  return { values: Values, regexValues: RegexValues }
}
