import { isIPv4, isIPv6 } from 'node:net'
import { resolve } from 'node:path'
import { type BucketSettings, readBucketSettings } from '@berth/aws-api'
import { isLoopbackAddress } from './from-here.ts'
import { type AcmeSettings, readAcmeSettings } from './services/acm/index.ts'
import type { Retention } from './store/table.ts'

/** What `berth server` is told, by its environment alone: the command line turns flags and files into it. */
export interface ServerConfiguration {
  readonly host: string
  readonly port: number
  readonly dataDir: string
  readonly accountId: string
  readonly region: string
  readonly root: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
  /** Keep nothing on disk, and answer POST /_berth/reset. */
  readonly inMemory: boolean
  /** Take any signed request as the root of the account. */
  readonly anyCredentials: boolean
  /** Milliseconds without a heartbeat after which a host of ours, or of the official agent, is lost. */
  readonly lostAfterMs: { readonly berth: number; readonly ecs: number }
  /** Milliseconds after the server's start before which no host of ours, or of the official agent, is lost. */
  readonly startGraceMs: { readonly berth: number; readonly ecs: number }
  /** How often an agent is told every task that it should run, in milliseconds. */
  readonly manifestMs: number
  /** How long a task without a health check runs before it counts as healthy, in milliseconds. ECS waits 40 s. */
  readonly taskSettleMs: number
  /** A block that the operator's network leads to the hosts; absent: there are no public addresses. */
  readonly publicAddresses: string | undefined
  /** A block, /16 to /56, of which VPCs have their IPv6 blocks; absent: unique local ones. */
  readonly ipv6Addresses: string | undefined
  /** Blocks of addresses on which load balancers listen, separated by commas. */
  readonly loadBalancerAddresses: string
  /** Where the objects of S3 buckets are. */
  readonly buckets: BucketSettings
  /** Another authority for certificates; undefined: Berth's own issues all of them. */
  readonly acme: AcmeSettings | undefined
  /** The file that says what stands behind the ARNs of life-cycle hooks. */
  readonly hooksFile: string | undefined
  /** The most that logs may take on disk, in bytes; undefined: a tenth of the disk. */
  readonly logCapBytes: number | undefined
  /** How long what is past is kept, for whoever searches it. */
  readonly history: {
    readonly stoppedTasks: Retention
    readonly serviceEvents: Retention
    readonly serviceDeployments: Retention
  }
}

/** The configuration is wrong; the message names the variable. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

type Environment = Readonly<Record<string, string | undefined>>

const wholeNumber = (environment: Environment, variable: string, fallback: number): number => {
  const text = environment[variable]
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0)
    throw new ConfigurationError(`${variable} must be a whole number, not ${text}.`)
  return value
}

/** `VARIABLE` is a number of records, `VARIABLE_DAYS` their age. */
const retention = (environment: Environment, variable: string, records: number, days = 0): Retention => ({
  records: wholeNumber(environment, variable, records),
  ms: wholeNumber(environment, `${variable}_DAYS`, days) * 86_400_000,
})

const flag = (environment: Environment, variable: string): boolean => {
  const text = environment[variable] ?? ''
  if (!['', '0', '1', 'false', 'true'].includes(text))
    throw new ConfigurationError(`${variable} must be true or false, not ${text}.`)
  return text === '1' || text === 'true'
}

const matching = (environment: Environment, variable: string, pattern: RegExp, fallback: string): string => {
  const text = environment[variable] || fallback
  if (!pattern.test(text)) throw new ConfigurationError(`${variable} must not be ${text}.`)
  return text
}

/** The default is this machine's alone. */
const frontBlocks = (environment: Environment): string => {
  const text = environment['BERTH_LOAD_BALANCER_ADDRESSES'] ?? '127.10.0.0/16'
  const isBlock = (part: string): boolean => {
    const [address = '', bits = ''] = part.trim().split('/', 2)
    return isIPv4(address) && /^([12]?[0-9]|3[0-2])$/.test(bits)
  }
  if (text !== '' && !text.split(',').every(isBlock))
    throw new ConfigurationError(
      `BERTH_LOAD_BALANCER_ADDRESSES must be blocks such as 10.0.0.0/28, not ${text}.`,
    )
  return text
}

const rootKey = (environment: Environment): ServerConfiguration['root'] => {
  const accessKeyId = environment['BERTH_ROOT_ACCESS_KEY_ID'] || undefined
  const secretAccessKey = environment['BERTH_ROOT_SECRET_ACCESS_KEY'] || undefined
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new ConfigurationError('BERTH_ROOT_ACCESS_KEY_ID and BERTH_ROOT_SECRET_ACCESS_KEY go together.')
  return { accessKeyId, secretAccessKey }
}

const publicBlock = (environment: Environment): string | undefined => {
  const text = environment['BERTH_PUBLIC_ADDRESSES'] || undefined
  const [address = '', prefix = ''] = text?.split('/') ?? []
  if (text !== undefined && !(isIPv4(address) && /^(1[6-9]|2\d|3[0-2])$/.test(prefix)))
    throw new ConfigurationError(`BERTH_PUBLIC_ADDRESSES must be a block from /16 to /32, not ${text}.`)
  return text
}

const ipv6Block = (environment: Environment): string | undefined => {
  const text = environment['BERTH_IPV6_ADDRESSES'] || undefined
  const [address = '', prefix = ''] = text?.split('/') ?? []
  if (
    text !== undefined &&
    !(isIPv6(address) && !address.includes('%') && /^(1[6-9]|[2-4]\d|5[0-6])$/.test(prefix))
  )
    throw new ConfigurationError(`BERTH_IPV6_ADDRESSES must be a block from /16 to /56, not ${text}.`)
  return text
}

const bucketSettings = (environment: Environment, region: string): BucketSettings =>
  readBucketSettings(environment, region, problem => {
    throw new ConfigurationError(`${problem}.`)
  })

const isLoopback = (host: string): boolean => host === 'localhost' || isLoopbackAddress(host)

/** Reads and checks the environment. Throws ConfigurationError. */
export const readConfiguration = (environment: Environment): ServerConfiguration => {
  const host = environment['BERTH_HOST'] || '127.0.0.1'
  const port = wholeNumber(environment, 'BERTH_PORT', 4566)
  if (port > 65_535) throw new ConfigurationError(`BERTH_PORT must be at most 65535, not ${port}.`)
  const anyCredentials = flag(environment, 'BERTH_INSECURE_ANY_CREDENTIALS')
  if (anyCredentials && !isLoopback(host))
    throw new ConfigurationError(
      `--insecure-any-credentials works on loopback only, and the host is ${host}.`,
    )
  const region = matching(environment, 'BERTH_REGION', /^[a-z]{2}(-[a-z]+)+-\d$/, 'us-east-1')
  const logCapBytes = wholeNumber(environment, 'BERTH_LOG_CAP_BYTES', 0)
  return {
    host,
    port,
    dataDir: resolve(environment['BERTH_DATA_DIR'] || '/var/lib/berth'),
    accountId: matching(environment, 'BERTH_ACCOUNT_ID', /^\d{12}$/, '000000000000'),
    region,
    root: rootKey(environment),
    inMemory: flag(environment, 'BERTH_IN_MEMORY'),
    anyCredentials,
    lostAfterMs: {
      berth: wholeNumber(environment, 'BERTH_AGENT_LOST_AFTER_MS', 10_000),
      ecs: wholeNumber(environment, 'BERTH_ECS_AGENT_LOST_AFTER_MS', 150_000),
    },
    startGraceMs: {
      berth: wholeNumber(environment, 'BERTH_AGENT_START_GRACE_MS', 30_000),
      ecs: wholeNumber(environment, 'BERTH_ECS_AGENT_START_GRACE_MS', 150_000),
    },
    manifestMs: wholeNumber(environment, 'BERTH_MANIFEST_MS', 60_000),
    taskSettleMs: wholeNumber(environment, 'BERTH_TASK_SETTLE_MS', 2_000),
    publicAddresses: publicBlock(environment),
    ipv6Addresses: ipv6Block(environment),
    loadBalancerAddresses: frontBlocks(environment),
    buckets: bucketSettings(environment, region),
    acme: readAcmeSettings(environment, problem => {
      throw new ConfigurationError(`${problem}.`)
    }),
    hooksFile: environment['BERTH_HOOKS'] ? resolve(environment['BERTH_HOOKS']) : undefined,
    logCapBytes: logCapBytes === 0 ? undefined : logCapBytes,
    history: {
      stoppedTasks: retention(environment, 'BERTH_KEEP_STOPPED_TASKS', 100_000),
      serviceEvents: retention(environment, 'BERTH_KEEP_SERVICE_EVENTS', 10_000),
      serviceDeployments: retention(environment, 'BERTH_KEEP_SERVICE_DEPLOYMENTS', 1_000, 90),
    },
  }
}
