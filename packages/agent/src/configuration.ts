/** The agent's configuration, from the environment. */
import { isIP } from 'node:net'
import { type BucketSettings, readBucketSettings } from '@berth/aws-api'
import type { AwsCredentials } from './acs/signing.ts'
import {
  type ImageCleanupSettings,
  type ImageSettings,
  parseRegistryAuths,
  pullBehaviors,
} from './images/index.ts'
import { parseEndpoint, type WireGuardSettings } from './network/index.ts'
import type { ReservedResources } from './registration/resources.ts'

export interface AgentConfiguration {
  readonly endpoint: string
  readonly cluster: string
  readonly region: string
  readonly availabilityZone: string
  readonly dataDirectory: string
  readonly dockerSocket: string
  /** Where the files of EBS volumes are. */
  readonly ebsDirectory: string
  /** The file that says which NFS servers stand for EFS file systems; empty: none do. */
  readonly efsMap: string
  readonly credentials: AwsCredentials
  /** Where other hosts reach this one; empty: the address by which the control plane is reached. */
  readonly underlayAddress: string
  /** Undefined: overlays of VPCs travel between hosts as they are. */
  readonly wireGuard: WireGuardSettings | undefined
  /** Containers on a bridge, and tasks of the network mode awsvpc, do not reach the metadata of the machine. */
  readonly blocksInstanceMetadata: boolean
  /** So many tasks of the network mode awsvpc may be here at once. */
  readonly taskNetworkInterfaces: number
  readonly attributes: readonly { readonly name: string; readonly value: string }[]
  readonly reserved: ReservedResources
  /** The GPUs that tasks may have; undefined: all that the host's driver lists. */
  readonly gpuIds: readonly string[] | undefined
  readonly isExternal: boolean
  /** The operator offers this host to tasks of launch type FARGATE. */
  readonly offersFargate: boolean
  /** The operator offers this host to load balancers. */
  readonly carriesLoadBalancers: boolean
  /** The engine's runtime for tasks of launch type FARGATE, for instance one with a sandbox; empty: its default. */
  readonly fargateRuntime: string
  /** How long an ended container stays on the host. */
  readonly cleanupDelayMs: number
  /** For how long manifests must not name a container that the agent does not know before it is removed. */
  readonly orphanAfterMs: number
  readonly images: ImageSettings
  readonly imageCleanup: ImageCleanupSettings
  /** Where this host finds the objects of S3 buckets. */
  readonly buckets: BucketSettings
  readonly logLevel: string
}

/** The configuration is wrong; the message names every variable that is, and how. */
export class ConfigurationError extends Error {
  constructor(problems: readonly string[]) {
    super(`the agent's configuration is wrong:\n${problems.map(problem => `  ${problem}`).join('\n')}`)
    this.name = 'ConfigurationError'
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/** As the official agent keeps them free: ssh, Docker's ports, and the agent's own endpoints. */
const defaultReservedPorts = '22,2375,2376,51678,51679'

class Reader {
  readonly problems: string[] = []
  readonly #environment: Environment

  constructor(environment: Environment) {
    this.#environment = environment
  }

  text(name: string, fallback?: string): string {
    const value = this.#environment[name]?.trim() || fallback
    if (value === undefined) this.problems.push(`${name} is not set`)
    return value ?? ''
  }

  number(name: string, fallback: number, range: { least: number; most: number }): number {
    const text = this.text(name, String(fallback))
    const value = Number(text)
    if (Number.isInteger(value) && value >= range.least && value <= range.most) return value
    this.problems.push(`${name} is "${text}"; it must be a whole number from ${range.least} to ${range.most}`)
    return fallback
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): Choice {
    const text = this.text(name, fallback)
    const chosen = choices.find(choice => choice === text)
    if (!chosen) this.problems.push(`${name} is "${text}"; it must be one of ${choices.join(', ')}`)
    return chosen ?? fallback
  }

  ports(name: string, fallback: string): number[] {
    const texts = this.text(name, fallback).split(',').filter(Boolean)
    const ports = texts.map(Number)
    const isValid = ports.every(port => Number.isInteger(port) && port >= 1 && port <= 65_535)
    if (!isValid) this.problems.push(`${name} must be ports from 1 to 65535, separated by commas`)
    return ports
  }

  url(name: string, fallback: string): string {
    const text = this.text(name, fallback)
    if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
    this.problems.push(`${name} is "${text}"; it must be an http or https address`)
    return fallback
  }

  flag(name: string, fallback: 'true' | 'false' = 'false'): boolean {
    const text = this.text(name, fallback).toLowerCase()
    if (text !== 'true' && text !== 'false') this.problems.push(`${name} must be true or false`)
    return text === 'true'
  }

  pairs(name: string): { name: string; value: string }[] {
    return this.text(name, '')
      .split(',')
      .filter(Boolean)
      .flatMap(pair => {
        const [key = '', ...value] = pair.split('=')
        const isValid = /^[a-zA-Z0-9._/-]{1,128}$/.test(key.trim()) && value.length > 0
        if (!isValid) this.problems.push(`${name} holds "${pair}"; it must be name=value,…`)
        return isValid ? [{ name: key.trim(), value: value.join('=').trim() }] : []
      })
  }
}

const readCredentials = (reader: Reader, environment: Environment): AwsCredentials => {
  const sessionToken = environment['AWS_SESSION_TOKEN']
  return {
    accessKeyId: reader.text('AWS_ACCESS_KEY_ID'),
    secretAccessKey: reader.text('AWS_SECRET_ACCESS_KEY'),
    ...(sessionToken ? { sessionToken } : {}),
  }
}

const readUnderlayAddress = (reader: Reader): string => {
  const text = reader.text('BERTH_UNDERLAY_ADDRESS', '')
  if (text === '' || (isIP(text) !== 0 && !text.includes('%'))) return text
  reader.problems.push(`BERTH_UNDERLAY_ADDRESS is "${text}"; it must be an address of this host`)
  return ''
}

const readWireGuard = (reader: Reader): WireGuardSettings | undefined => {
  const isOn = reader.flag('BERTH_WIREGUARD')
  const port = reader.number('BERTH_WIREGUARD_PORT', 51_820, { least: 1, most: 65_535 })
  const endpoint = reader.text('BERTH_WIREGUARD_ENDPOINT', '')
  if (endpoint !== '' && endpoint !== 'none' && parseEndpoint(endpoint) === undefined)
    reader.problems.push(
      `BERTH_WIREGUARD_ENDPOINT is "${endpoint}"; it must be ADDRESS:PORT, or [ADDRESS]:PORT of IPv6, or none`,
    )
  return isOn ? { port, endpoint } : undefined
}

const readGpuIds = (reader: Reader): readonly string[] | undefined => {
  const text = reader.text('BERTH_GPU_IDS', 'all')
  if (text === 'all') return undefined
  return text === 'none' ? [] : text.split(',').map(id => id.trim())
}

const readRegistryAuths = (reader: Reader): ImageSettings['registryAuths'] => {
  const type = reader.text('BERTH_ENGINE_AUTH_TYPE', '')
  const data = reader.text('BERTH_ENGINE_AUTH_DATA', '')
  try {
    return parseRegistryAuths(type, data)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    reader.problems.push(`BERTH_ENGINE_AUTH_TYPE or BERTH_ENGINE_AUTH_DATA: ${problem}`)
    return new Map()
  }
}

const readImages = (reader: Reader): ImageSettings => ({
  pullBehavior: reader.choice('BERTH_IMAGE_PULL_BEHAVIOR', pullBehaviors, 'default'),
  pullsAtOnce: reader.number('BERTH_IMAGE_PULLS_AT_ONCE', 4, { least: 1, most: 100 }),
  pullInactivityMs:
    1000 * reader.number('BERTH_IMAGE_PULL_INACTIVITY_SECONDS', 60, { least: 1, most: 24 * 3600 }),
  registryAuths: readRegistryAuths(reader),
})

/** Defaults as the official agent's; the threshold of the disk is Berth's own. */
const readImageCleanup = (reader: Reader): ImageCleanupSettings => ({
  isDisabled: reader.flag('BERTH_DISABLE_IMAGE_CLEANUP'),
  intervalMs:
    1000 * reader.number('BERTH_IMAGE_CLEANUP_INTERVAL_SECONDS', 1_800, { least: 1, most: 30 * 24 * 3600 }),
  minimumAgeMs:
    1000 *
    reader.number('BERTH_IMAGE_MINIMUM_CLEANUP_AGE_SECONDS', 3_600, { least: 1, most: 365 * 24 * 3600 }),
  removalsPerCycle: reader.number('BERTH_NUM_IMAGES_DELETE_PER_CYCLE', 5, { least: 1, most: 1_000 }),
  excluded: reader
    .text('BERTH_EXCLUDE_IMAGES', '')
    .split(',')
    .map(image => image.trim())
    .filter(Boolean),
  leastFreePercent: reader.number('BERTH_IMAGE_CLEANUP_FREE_PERCENT', 10, { least: 0, most: 99 }),
})

/** Throws ConfigurationError. */
export const readConfiguration = (environment: Environment): AgentConfiguration => {
  const reader = new Reader(environment)
  const region = reader.text('BERTH_REGION', environment['AWS_REGION'] ?? 'us-east-1')
  const dataDirectory = reader.text('BERTH_AGENT_DATA_DIR', '/var/lib/berth/agent')
  const configuration: AgentConfiguration = {
    endpoint: reader.url('BERTH_ENDPOINT', 'http://127.0.0.1:4566'),
    cluster: reader.text('BERTH_CLUSTER', 'default'),
    region,
    availabilityZone: reader.text('BERTH_AVAILABILITY_ZONE', `${region}a`),
    dataDirectory,
    ebsDirectory: reader.text('BERTH_EBS_DIR', `${dataDirectory}/ebs`),
    efsMap: environment['BERTH_EFS_MAP']?.trim() ?? '',
    dockerSocket: reader.text('BERTH_DOCKER_SOCKET', '/var/run/docker.sock'),
    credentials: readCredentials(reader, environment),
    underlayAddress: readUnderlayAddress(reader),
    wireGuard: readWireGuard(reader),
    blocksInstanceMetadata: reader.flag('BERTH_BLOCK_IMDS', 'true'),
    taskNetworkInterfaces: reader.number('BERTH_TASK_ENIS', 120, { least: 0, most: 1_000 }),
    attributes: reader.pairs('BERTH_INSTANCE_ATTRIBUTES'),
    reserved: {
      memoryMiB: reader.number('BERTH_RESERVED_MEMORY', 0, { least: 0, most: 2 ** 31 }),
      tcpPorts: reader.ports('BERTH_RESERVED_PORTS', defaultReservedPorts),
      udpPorts: reader.ports('BERTH_RESERVED_PORTS_UDP', ''),
    },
    gpuIds: readGpuIds(reader),
    isExternal: reader.flag('BERTH_EXTERNAL'),
    offersFargate: reader.flag('BERTH_FARGATE'),
    carriesLoadBalancers: reader.flag('BERTH_INGRESS'),
    fargateRuntime: reader.text('BERTH_FARGATE_RUNTIME', ''),
    cleanupDelayMs:
      1000 * reader.number('BERTH_TASK_CLEANUP_SECONDS', 600, { least: 1, most: 30 * 24 * 3600 }),
    orphanAfterMs: 1000 * reader.number('BERTH_ORPHAN_SECONDS', 60, { least: 1, most: 30 * 24 * 3600 }),
    images: readImages(reader),
    imageCleanup: readImageCleanup(reader),
    buckets: readBucketSettings(environment, region, problem => reader.problems.push(problem)),
    logLevel: reader.text('BERTH_LOG_LEVEL', 'info'),
  }
  if (reader.problems.length > 0) throw new ConfigurationError(reader.problems)
  return configuration
}
