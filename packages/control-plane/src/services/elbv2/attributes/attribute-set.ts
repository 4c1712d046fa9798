/** Attributes: settings by name, whose defaults need no row. */
import { invalidConfiguration, notSupported, validationError } from '../errors.ts'

/** Undefined when the value may be; otherwise what it must be, as the end of a sentence. */
type Check = (value: string) => string | undefined

export interface Attribute<R> {
  readonly default: string | ((row: R) => string)
  readonly check: Check
  /** Which rows have it; default: all. */
  readonly has?: (row: R) => boolean
  /** Whether Berth has nothing behind a value that is not the default one. */
  readonly isFixed?: boolean | ((row: R, value: string) => boolean)
}

export type AttributeSet<R> = Readonly<Record<string, Attribute<R>>>

export const oneOf =
  (...values: readonly string[]): Check =>
  value =>
    values.includes(value) ? undefined : `must be one of [${values.join(', ')}]`

export const boolean = oneOf('true', 'false')

export const integer =
  (least: number, most: number, ...others: readonly string[]): Check =>
  value => {
    if (others.includes(value)) return undefined
    const isIn = /^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most
    return isIn ? undefined : `must be between '${least}-${most}' inclusive`
  }

export const text =
  (longest: number): Check =>
  value =>
    value.length <= longest ? undefined : `cannot be longer than '${longest}' characters`

const defaultOf = <R>(attribute: Attribute<R>, row: R): string =>
  typeof attribute.default === 'string' ? attribute.default : attribute.default(row)

interface HasAttributes {
  readonly attributes: Readonly<Record<string, string>>
}

/** All that a row has, with their defaults. */
export const allAttributes = <R extends HasAttributes>(
  set: AttributeSet<R>,
  row: R,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(set)
      .filter(([, { has }]) => has?.(row) ?? true)
      .map(([key, attribute]) => [key, row.attributes[key] ?? defaultOf(attribute, row)]),
  )

export interface GivenAttribute {
  readonly Key?: string | undefined
  readonly Value?: string | undefined
}

interface Kind {
  /** `Load balancer` */
  readonly noun: string
  /** `load balancers with type 'network'`: those that do not have an attribute. */
  readonly described: string
}

const checkedValue = <R>(
  set: AttributeSet<R>,
  row: R,
  { Key = '', Value = '' }: GivenAttribute,
  kind: Kind,
) => {
  const attribute = Object.hasOwn(set, Key) ? set[Key] : undefined
  if (!attribute) throw validationError(`${kind.noun} attribute key '${Key}' is not recognized`)
  if (attribute.has && !attribute.has(row))
    throw invalidConfiguration(`${kind.noun} attribute key '${Key}' is not supported on ${kind.described}`)
  const problem = attribute.check(Value)
  if (problem !== undefined) throw validationError(`'${Key}' value '${Value}' ${problem}`)
  const usual = defaultOf(attribute, row)
  const isFixed = typeof attribute.isFixed === 'function' ? attribute.isFixed(row, Value) : attribute.isFixed
  if (isFixed && Value !== usual) throw notSupported(`${Key} '${Value}'`)
  return Value
}

/** What differs from the defaults, after the change. Throws ValidationError, InvalidConfigurationRequest, UnsupportedOperation. */
export const changedAttributes = <R extends HasAttributes>(
  set: AttributeSet<R>,
  row: R,
  given: readonly GivenAttribute[],
  kind: Kind,
): Readonly<Record<string, string>> => {
  const keys = given.map(({ Key = '' }) => Key)
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  if (twice !== undefined)
    throw validationError(`${kind.noun} attribute key '${twice}' was specified more than once`)
  const changed: Record<string, string> = { ...row.attributes }
  for (const attribute of given) {
    const value = checkedValue(set, row, attribute, kind)
    changed[attribute.Key ?? ''] = value
  }
  return changed
}

/** As the API lists them. */
export const attributeResponse = (all: Readonly<Record<string, string>>): { Key: string; Value: string }[] =>
  Object.entries(all).map(([Key, Value]) => ({ Key, Value }))
