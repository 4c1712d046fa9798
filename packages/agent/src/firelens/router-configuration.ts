/**
 * The configuration of a task's log router, as the official agent writes it: a socket as its input, filters by pattern,
 * a filter that adds the task's names to each record, what the user includes, and one output for each sender. Pure.
 */

export type RouterType = 'fluentd' | 'fluentbit'

export interface RouterSettings {
  readonly type: RouterType
  /** It listens on TCP, too: others of the task reach it there. */
  readonly listensOnTcp: boolean
  /** Added to each record; empty: none. */
  readonly fields: Readonly<Record<string, string>>
  /** A path in the router's container, of a file that is included. */
  readonly included?: string
  readonly senders: readonly Sender[]
}

interface Sender {
  readonly container: string
  /** Of its log configuration, secrets as references to variables. */
  readonly options: Readonly<Record<string, string>>
}

/** A sender's options name no output for the rest of them. */
export class RouterConfigurationError extends Error {
  override readonly name = 'RouterConfigurationError'
}

const socketPath = '/var/run/fluent.sock'
export const routerPort = '24224'
const includePattern = 'include-pattern'
const excludePattern = 'exclude-pattern'
/** An option of the engine's log driver, none of the router's. */
export const bufferLimitOption = 'log-driver-buffer-limit'

const outputKeys: Readonly<Record<RouterType, string>> = { fluentd: '@type', fluentbit: 'Name' }

interface Output {
  readonly plugin: string
  readonly match: string
  readonly options: Readonly<Record<string, string>>
}

const byName = (options: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(options).sort(([left], [right]) => (left < right ? -1 : 1))

const matchOf = (type: RouterType, container: string): string =>
  `${container}-firelens${type === 'fluentd' ? '**' : '*'}`

const outputOf = (type: RouterType, { container, options }: Sender): Output | undefined => {
  const key = outputKeys[type]
  const {
    [key]: plugin,
    [includePattern]: _i,
    [excludePattern]: _e,
    [bufferLimitOption]: _l,
    ...rest
  } = options
  if (plugin !== undefined) return { plugin, match: matchOf(type, container), options: rest }
  // The user's own file may have the output.
  if (Object.keys(rest).length === 0) return undefined
  throw new RouterConfigurationError(
    `unable to apply log options of container ${container} to firelens config: missing output key ${key} which is required for firelens configuration of type ${type}`,
  )
}

interface Words {
  input(plugin: string, tag: string | undefined, options: Readonly<Record<string, string>>): string[]
  grep(match: string, verb: 'include' | 'exclude', pattern: string): string[]
  addFields(fields: Readonly<Record<string, string>>): string[]
  include(path: string): string[]
  output(output: Output): string[]
}

const indented = (options: Readonly<Record<string, string>>): string[] =>
  byName(options).map(([name, value]) => `    ${name} ${value}`)

const fluentBit: Words = {
  input: (plugin, tag, options) => [
    '[INPUT]',
    `    Name ${plugin}`,
    ...(tag === undefined ? [] : [`    Tag ${tag}`]),
    ...indented(options),
  ],
  grep: (match, verb, pattern) => [
    '[FILTER]',
    '    Name grep',
    `    Match ${match}`,
    `    ${verb === 'include' ? 'Regex' : 'Exclude'} log ${pattern}`,
  ],
  addFields: fields => [
    '[FILTER]',
    '    Name record_modifier',
    '    Match *',
    ...byName(fields).map(([name, value]) => `    Record ${name} ${value}`),
  ],
  include: path => [`@INCLUDE ${path}`],
  output: ({ plugin, match, options }) => [
    '[OUTPUT]',
    `    Name ${plugin}`,
    `    Match ${match}`,
    ...indented(options),
  ],
}

const fluentd: Words = {
  input: (plugin, _tag, options) => ['<source>', `    @type ${plugin}`, ...indented(options), '</source>'],
  grep: (match, verb, pattern) => {
    const element = verb === 'include' ? 'regexp' : 'exclude'
    return [
      `<filter ${match}>`,
      '    @type grep',
      `    <${element}>`,
      '        key log',
      `        pattern ${pattern}`,
      `    </${element}>`,
      '</filter>',
    ]
  },
  addFields: fields => [
    '<filter **>',
    '    @type record_transformer',
    '    <record>',
    ...byName(fields).map(([name, value]) => `        ${name} ${value}`),
    '    </record>',
    '</filter>',
  ],
  include: path => [`@include ${path}`],
  output: ({ plugin, match, options }) => [
    `<match ${match}>`,
    `    @type ${plugin}`,
    ...indented(options),
    '</match>',
  ],
}

/** Fluent Bit has a port for health checks, whose messages go nowhere. */
const healthCheckTag = 'firelens-healthcheck'

const inputsOf = ({ type, listensOnTcp }: RouterSettings, words: Words): string[][] => {
  const isBit = type === 'fluentbit'
  const socket = isBit
    ? words.input('forward', undefined, { unix_path: socketPath })
    : words.input('unix', undefined, { path: socketPath })
  if (!listensOnTcp) return [socket]
  const address = isBit ? { Listen: '0.0.0.0', Port: routerPort } : { bind: '0.0.0.0', port: routerPort }
  const healthCheck = words.input('tcp', healthCheckTag, { Listen: '127.0.0.1', Port: '8877' })
  return [socket, words.input('forward', undefined, address), ...(isBit ? [healthCheck] : [])]
}

const filtersOf = ({ type, senders }: RouterSettings, words: Words): string[][] =>
  (['include', 'exclude'] as const).flatMap(verb =>
    senders.flatMap(({ container, options }) => {
      const pattern = options[verb === 'include' ? includePattern : excludePattern]
      return pattern === undefined ? [] : [words.grep(matchOf(type, container), verb, pattern)]
    }),
  )

/** Throws RouterConfigurationError. */
export const routerConfiguration = (settings: RouterSettings): string => {
  const { type, fields, included, senders, listensOnTcp } = settings
  const words = type === 'fluentbit' ? fluentBit : fluentd
  const blackHole = { plugin: 'null', match: healthCheckTag, options: {} }
  const sections = [
    ...inputsOf(settings, words),
    ...filtersOf(settings, words),
    ...(Object.keys(fields).length > 0 ? [words.addFields(fields)] : []),
    ...(included === undefined ? [] : [words.include(included)]),
    ...(type === 'fluentbit' && listensOnTcp ? [words.output(blackHole)] : []),
    ...senders.flatMap(sender => {
      const output = outputOf(type, sender)
      return output ? [words.output(output)] : []
    }),
  ]
  return `\n${sections.map(lines => `${lines.join('\n')}\n`).join('\n')}`
}
