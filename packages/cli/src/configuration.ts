import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { UsageError } from './failures.ts'
import { type Flags, text } from './flags.ts'
import { readRunState } from './up/run-state.ts'

/** What every command knows of the Berth that it speaks to. */
export interface Configuration {
  readonly port: number
  readonly dataDir: string
  readonly accountId: string
  readonly region: string
  readonly rootAccessKeyId: string | undefined
  readonly rootSecretAccessKey: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/** A setting's flag, variable and key in the configuration file, looked up in this order. */
const settings = {
  port: { flag: 'port', variable: 'BERTH_PORT' },
  dataDir: { flag: 'data-dir', variable: 'BERTH_DATA_DIR' },
  accountId: { flag: 'account-id', variable: 'BERTH_ACCOUNT_ID' },
  region: { flag: 'region', variable: 'BERTH_REGION' },
  rootAccessKeyId: { flag: 'root-access-key-id', variable: 'BERTH_ROOT_ACCESS_KEY_ID' },
  rootSecretAccessKey: { flag: 'root-secret-access-key', variable: 'BERTH_ROOT_SECRET_ACCESS_KEY' },
} as const
type Setting = keyof typeof settings

/** The flags that every command takes. */
export const configurationOptions = {
  config: { type: 'string' },
  ...Object.fromEntries(Object.values(settings).map(({ flag }) => [flag, { type: 'string' as const }])),
} as const

const defaultDataDir = (environment: Environment): string =>
  process.getuid?.() === 0
    ? '/var/lib/berth'
    : join(environment['XDG_DATA_HOME'] ?? join(homedir(), '.local/share'), 'berth')

const readFile = (path: string | undefined): Readonly<Record<string, unknown>> => {
  if (path === undefined) return {}
  if (!existsSync(path)) throw new UsageError(`There is no configuration file ${path}.`)
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof content !== 'object' || content === null || Array.isArray(content))
      throw new UsageError(`The configuration file ${path} must hold one JSON object.`)
    const unknownKey = Object.keys(content).find(key => !(key in settings))
    if (unknownKey !== undefined)
      throw new UsageError(
        `The configuration file ${path} has an unknown key ${unknownKey}; it takes ${Object.keys(settings).join(', ')}.`,
      )
    return content as Readonly<Record<string, unknown>>
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`The configuration file ${path} cannot be read: ${(error as Error).message}`)
  }
}

const checked = (configuration: Configuration): Configuration => {
  if (!Number.isInteger(configuration.port) || configuration.port < 0 || configuration.port > 65_535)
    throw new UsageError('The port must be a number from 0 to 65535.')
  if (!/^\d{12}$/.test(configuration.accountId)) throw new UsageError('The account id must have 12 digits.')
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(configuration.region))
    throw new UsageError(`The region must look like us-east-1, not ${configuration.region}.`)
  if ((configuration.rootAccessKeyId === undefined) !== (configuration.rootSecretAccessKey === undefined))
    throw new UsageError('Give the root access key id and the root secret access key together, or neither.')
  return configuration
}

/**
 * Flags win over the environment, the environment over the configuration file, the file over the defaults.
 * Without a port, it is that of the `berth up` that runs on the data directory.
 */
export const resolveConfiguration = (flags: Flags, environment: Environment): Configuration => {
  const file = readFile(text(flags, 'config') ?? environment['BERTH_CONFIG'])
  const find = (setting: Setting): string | undefined => {
    const { flag, variable } = settings[setting]
    const inFile = file[setting]
    return (
      text(flags, flag) ??
      (environment[variable] || undefined) ??
      (inFile === undefined ? undefined : String(inFile))
    )
  }
  const dataDir = resolve(find('dataDir') ?? defaultDataDir(environment))
  return checked({
    port: Number(find('port') ?? readRunState(dataDir)?.port ?? 4566),
    dataDir,
    accountId: find('accountId') ?? '000000000000',
    region: find('region') ?? 'us-east-1',
    rootAccessKeyId: find('rootAccessKeyId'),
    rootSecretAccessKey: find('rootSecretAccessKey'),
  })
}

/** The same configuration as environment variables, for the programs that the command line starts. */
export const configurationEnvironment = (configuration: Configuration): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([setting, { variable }]) => {
      const value = configuration[setting as Setting]
      return value === undefined ? [] : [[variable, String(value)]]
    }),
  )

export const endpointOf = (configuration: Configuration): string => `http://127.0.0.1:${configuration.port}`
