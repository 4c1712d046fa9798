/** What an option's value must be; undefined when it is fine. */
type Check = (value: string, options: Options) => string | undefined
type Options = Readonly<Record<string, string>>

const nonEmpty: Check = value => (value === '' ? 'must not be empty' : undefined)

const oneOf =
  (...values: readonly string[]): Check =>
  value =>
    values.includes(value) ? undefined : `must be ${values.join(' or ')}`

const checks: Readonly<Record<string, Check>> = {
  'awslogs-group': value =>
    /^[.\-_/#A-Za-z0-9]{1,512}$/.test(value) ? undefined : 'must be the name of a log group',
  'awslogs-region': nonEmpty,
  'awslogs-stream-prefix': value => (/^[^:*]{1,400}$/.test(value) ? undefined : 'must hold neither : nor *'),
  'awslogs-create-group': oneOf('true', 'false'),
  'awslogs-datetime-format': (value, options) =>
    'awslogs-multiline-pattern' in options
      ? 'cannot be combined with awslogs-multiline-pattern'
      : invalidRegExp(datetimePattern(value)),
  'awslogs-multiline-pattern': value => nonEmpty(value, {}) ?? invalidRegExp(value),
  mode: oneOf('blocking', 'non-blocking'),
  'max-buffer-size': (value, options) =>
    /^\d+(\.\d+)?\s*[kmgtp]?i?b?$/i.test(value)
      ? options['mode'] === 'blocking'
        ? 'is only allowed with the mode non-blocking'
        : undefined
      : 'must be a size such as 25m',
}

const invalidRegExp = (source: string): string | undefined => {
  try {
    new RegExp(source)
    return undefined
  } catch (error) {
    return `is no regular expression: ${(error as Error).message}`
  }
}

/**
 * Says, a sentence each, what Berth cannot do with the options of the awslogs driver; empty when it honours them all.
 * Both modes keep a container from ever waiting for its logs: output goes to the engine's log files, whose bound
 * (see jsonFileOptions) takes the place of max-buffer-size. `region` is the only one that there is.
 */
export const checkAwslogsOptions = (options: Options, region?: string): readonly string[] => {
  const problems = Object.entries(options).flatMap(([name, value]) => {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (!check) return [`The log option '${name}' is not supported with the awslogs driver.`]
    const problem = check(value, options)
    return problem === undefined ? [] : [`The log option '${name}' ${problem}.`]
  })
  if (!('awslogs-group' in options)) problems.push("The log option 'awslogs-group' is required.")
  const wanted = options['awslogs-region']
  if (region !== undefined && wanted !== undefined && wanted !== region)
    problems.push(`The log option 'awslogs-region' must be ${region}: there is no other region.`)
  return problems
}

/** Lines that match begin an event, the others continue it; undefined: every line is an event. */
export const eventStartPattern = (options: Options): RegExp | undefined => {
  const format = options['awslogs-datetime-format']
  const pattern = format === undefined ? options['awslogs-multiline-pattern'] : datetimePattern(format)
  return pattern === undefined ? undefined : new RegExp(pattern)
}

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const anyOf = (names: readonly string[]): string => `(?:${names.join('|')})`
const short = (names: readonly string[]): string[] => names.map(name => name.slice(0, 3))

/** The directives that Docker's awslogs driver knows; all other text of a format is a regular expression, as there. */
const directives: Readonly<Record<string, string>> = {
  '%a': anyOf(short(weekdays)),
  '%A': anyOf(weekdays),
  '%w': '[0-6]',
  '%d': '(?:0[1-9]|[12][0-9]|3[01])',
  '%b': anyOf(short(months)),
  '%B': anyOf(months),
  '%m': '(?:0[1-9]|1[0-2])',
  '%Y': '\\d{4}',
  '%y': '\\d{2}',
  '%H': '(?:[01][0-9]|2[0-3])',
  '%I': '(?:0[0-9]|1[0-2])',
  '%p': '[AP]M',
  '%M': '[0-5][0-9]',
  '%S': '[0-5][0-9]',
  '%f': '\\d{6}',
  '%z': '[+-]\\d{4}',
  '%Z': '[A-Z]{1,4}T',
  '%j': '(?:0[0-9][1-9]|[12][0-9][0-9]|3[0-5][0-9]|36[0-6])',
}

const datetimePattern = (format: string): string =>
  format.replaceAll(/%[A-Za-z]/g, directive => directives[directive] ?? directive)
