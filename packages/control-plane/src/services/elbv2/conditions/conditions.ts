/** When a rule holds: what the API is given, in the form in which it tells it. (AWS: RuleCondition) */
import { isIP } from 'node:net'
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import { notSupported, validationError } from '../errors.ts'
import { limits } from '../limits.ts'
import { checkLength, comparedBy, wildcardsIn } from './patterns.ts'

const configs = {
  'host-header': 'HostHeaderConfig',
  'path-pattern': 'PathPatternConfig',
  'http-header': 'HttpHeaderConfig',
  'http-request-method': 'HttpRequestMethodConfig',
  'query-string': 'QueryStringConfig',
  'source-ip': 'SourceIpConfig',
} as const

type Field = keyof typeof configs

/** Of these, a rule has one at most. */
const single: readonly Field[] = ['host-header', 'path-pattern', 'http-request-method', 'source-ip']

interface Checked {
  readonly condition: RuleCondition
  /** How many values it compares, and how many wildcards are in them. */
  readonly valueCount: number
  readonly wildcards: number
}

const isField = (field: string): field is Field => Object.hasOwn(configs, field)

const fieldOf = ({ Field = '' }: RuleCondition): Field => {
  if (isField(Field)) return Field
  throw validationError(`Condition field '${Field}' must be one of '[${Object.keys(configs).join(', ')}]'`)
}

const checkConfigs = (condition: RuleCondition, field: Field): void => {
  const others = Object.values(configs).filter(name => name !== configs[field])
  const other = others.find(name => condition[name] !== undefined)
  if (other !== undefined)
    throw validationError(`'${other}' cannot be specified for a condition with field '${field}'`)
}

const sumOf = (values: readonly string[]): number =>
  values.reduce((sum, value) => sum + wildcardsIn(value), 0)

const counted = (condition: RuleCondition, values: readonly string[], more = 0): Checked => ({
  condition,
  valueCount: values.length + more,
  wildcards: sumOf(values),
})

/** Values may stand in the condition itself or in its configuration, and are told in both. */
const hostOrPath = (field: 'host-header' | 'path-pattern', condition: RuleCondition): Checked => {
  const { Values, RegexValues } = condition
  const config = condition[configs[field]]
  const isGiven = [Values, RegexValues].some(list => list !== undefined && list.length > 0)
  if (config && isGiven)
    throw validationError(
      `Only one of 'Values', 'RegexValues' or '${configs[field]}' can be specified for field '${field}'`,
    )
  const { values, regexValues } = comparedBy(field, config ?? { Values, RegexValues })
  const told = values.length > 0 ? { Values: [...values] } : { RegexValues: [...regexValues] }
  return counted({ Field: field, ...told, [configs[field]]: told }, values, regexValues.length)
}

/** (RFC 7230, token) */
const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,40}$/

const httpHeader = ({ HttpHeaderConfig }: RuleCondition): Checked => {
  const { HttpHeaderName = '' } = HttpHeaderConfig ?? {}
  if (!headerName.test(HttpHeaderName))
    throw validationError(`'${HttpHeaderName}' is not a valid HTTP header name`)
  if (HttpHeaderName.toLowerCase() === 'host')
    throw validationError("An HTTP header condition cannot be for the host header: use a 'host-header' one")
  const { values, regexValues } = comparedBy('http-header', HttpHeaderConfig ?? {})
  const told = values.length > 0 ? { Values: [...values] } : { RegexValues: [...regexValues] }
  return counted(
    { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName, ...told } },
    values,
    regexValues.length,
  )
}

const httpRequestMethod = ({ HttpRequestMethodConfig }: RuleCondition): Checked => {
  const { values } = comparedBy('http-request-method', { Values: HttpRequestMethodConfig?.Values })
  const condition = { Field: 'http-request-method', HttpRequestMethodConfig: { Values: [...values] } }
  return { condition, valueCount: values.length, wildcards: 0 }
}

const queryString = ({ QueryStringConfig }: RuleCondition): Checked => {
  const Values = QueryStringConfig?.Values ?? []
  if (Values.length === 0)
    throw validationError("A condition value must be specified for field 'query-string'")
  for (const { Key, Value = '' } of Values) {
    checkLength('query-string', Value)
    if (Key !== undefined) checkLength('query-string', Key)
  }
  const texts = Values.flatMap(({ Key = '', Value = '' }) => [Key, Value])
  return {
    condition: { Field: 'query-string', QueryStringConfig: { Values } },
    valueCount: Values.length,
    wildcards: sumOf(texts),
  }
}

const isBlock = (text: string): boolean => {
  const [address = '', bits = '', ...rest] = text.split('/')
  const version = isIP(address)
  const most = version === 4 ? 32 : 128
  return version !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most
}

const sourceIp = ({ SourceIpConfig }: RuleCondition): Checked => {
  const { Values = [], IpAddressType } = SourceIpConfig ?? {}
  if (IpAddressType !== undefined) throw notSupported('IpAddressType of a source-ip condition')
  if (Values.length === 0) throw validationError("A condition value must be specified for field 'source-ip'")
  const wrong = Values.find(value => !isBlock(value))
  if (wrong !== undefined)
    throw validationError(`Condition value '${wrong}' for field 'source-ip' must be in CIDR format`)
  return {
    condition: { Field: 'source-ip', SourceIpConfig: { Values } },
    valueCount: Values.length,
    wildcards: 0,
  }
}

const checkedCondition = (condition: RuleCondition): Checked => {
  const field = fieldOf(condition)
  checkConfigs(condition, field)
  if (field === 'host-header' || field === 'path-pattern') return hostOrPath(field, condition)
  if (condition.Values?.length || condition.RegexValues?.length)
    throw validationError(
      `'Values' and 'RegexValues' cannot be specified for field '${field}': use '${configs[field]}'`,
    )
  switch (field) {
    case 'http-header':
      return httpHeader(condition)
    case 'http-request-method':
      return httpRequestMethod(condition)
    case 'query-string':
      return queryString(condition)
    case 'source-ip':
      return sourceIp(condition)
  }
}

/** At least one. Throws ValidationError. */
export const givenConditions = (conditions: readonly RuleCondition[]): RuleCondition[] => {
  if (conditions.length === 0) throw validationError('At least one condition must be specified')
  const checked = conditions.map(checkedCondition)
  const fields = checked.map(({ condition }) => condition.Field)
  const twice = single.find(field => fields.indexOf(field) !== fields.lastIndexOf(field))
  if (twice !== undefined) throw validationError(`A rule can only have one '${twice}' condition`)
  const sum = (count: (each: Checked) => number): number =>
    checked.reduce((all, each) => all + count(each), 0)
  const { conditionValuesPerRule: mostValues, conditionWildcardsPerRule: mostWildcards } = limits
  if (sum(each => each.valueCount) > mostValues)
    throw validationError(`A rule can only have '${mostValues}' condition values and regex values`)
  if (sum(each => each.wildcards) > mostWildcards)
    throw validationError(`A rule can only have '${mostWildcards}' condition wildcards`)
  return checked.map(({ condition }) => condition)
}
