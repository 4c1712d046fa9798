/** What this host offers tasks, as RegisterContainerInstance says it. */
import type { Attribute, Resource } from '@aws-sdk/client-ecs'
import type { EngineInfo } from '../engine/engine.ts'
import type { WireGuardPeer } from '../network/index.ts'

const mebibyte = 1024 * 1024
const cpuUnitsPerCore = 1024

export interface ReservedResources {
  readonly memoryMiB: number
  readonly tcpPorts: readonly number[]
  readonly udpPorts: readonly number[]
}

export const totalResources = (info: EngineInfo, reserved: ReservedResources): Resource[] => [
  { name: 'CPU', type: 'INTEGER', integerValue: info.cpuCount * cpuUnitsPerCore },
  {
    name: 'MEMORY',
    type: 'INTEGER',
    integerValue: Math.max(0, Math.floor(info.memoryBytes / mebibyte) - reserved.memoryMiB),
  },
  { name: 'PORTS', type: 'STRINGSET', stringSetValue: reserved.tcpPorts.map(String) },
  { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: reserved.udpPorts.map(String) },
]

/** The oldest remote API that task definitions ask for, and what an engine of API 1.41 speaks at most. */
const remoteApis = [
  17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
  44,
]

const remoteApiCapabilities = (info: EngineInfo): string[] => {
  const newest = Number(info.apiVersion.split('.')[1] ?? 0)
  return remoteApis
    .filter(minor => minor <= newest)
    .map(minor => `com.amazonaws.ecs.capability.docker-remote-api.1.${minor}`)
}

/** awslogs is the agent's own work, whatever drivers the engine has. */
const logDriverCapabilities = (info: EngineInfo): string[] =>
  [...new Set(['awslogs', 'none', ...info.logDrivers])].map(
    driver => `com.amazonaws.ecs.capability.logging-driver.${driver}`,
  )

/** An engine whose kernel enforces neither would take their options and do nothing. */
const securityCapabilities = ({ securityModules }: EngineInfo): string[] =>
  ['selinux', 'apparmor']
    .filter(module => securityModules.includes(module))
    .map(module => `com.amazonaws.ecs.capability.${module}`)
/** A plug-in of the tag `latest` goes by its bare name, too. */
const volumeDriverCapabilities = (info: EngineInfo): string[] => {
  const names = info.volumeDrivers.flatMap(driver => [driver, driver.replace(/:latest$/, '')])
  return [...new Set(names)].map(driver => `ecs.capability.docker-plugin.${driver}`)
}

/** Only what works: a task that asks for more is placed elsewhere, or nowhere, with a reason. */
const agentCapabilities = [
  'com.amazonaws.ecs.capability.privileged-container',
  'ecs.capability.container-health-check',
  'ecs.capability.container-ordering',
  'ecs.capability.container-restart-policy',
  // Logs are shipped with the agent's own key: no role is needed for them.
  'ecs.capability.execution-role-awslogs',
  'com.amazonaws.ecs.capability.logging-driver.awsfirelens',
  'ecs.capability.firelens.fluentbit',
  'ecs.capability.firelens.fluentd',
  'ecs.capability.firelens.options.config.file',
  'ecs.capability.pid-ipc-namespace-sharing',
  'ecs.capability.private-registry-authentication.secretsmanager',
  'ecs.capability.secrets.asm.bootstrap.log-driver',
  'ecs.capability.secrets.asm.environment-variables',
  'ecs.capability.secrets.ssm.bootstrap.log-driver',
  'ecs.capability.secrets.ssm.environment-variables',
  'ecs.capability.task-cpu-mem-limit',
]

const taskRoleCapabilities = [
  'com.amazonaws.ecs.capability.task-iam-role',
  'com.amazonaws.ecs.capability.task-iam-role-network-host',
]

const architectures: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'arm64' }

export interface HostDescription {
  readonly info: EngineInfo
  /** As Node names it, for instance `x64`. */
  readonly architecture: string
  readonly availabilityZone: string
  readonly agentVersion: string
  /** It can make EBS volumes. */
  readonly hasEbs: boolean
  /** NFS servers that stand for EFS file systems are known. */
  readonly hasEfs: boolean
  /** Runs tasks of launch type EXTERNAL instead of EC2. */
  readonly isExternal: boolean
  /** It knows a place for the objects of S3 buckets. */
  readonly readsBuckets: boolean
  /** Containers can reach the endpoint that has their role's credentials. */
  readonly hasTaskEndpoints: boolean
  readonly canInjectFaults: boolean
  /** It takes tasks of launch type FARGATE, too. */
  readonly offersFargate: boolean
  readonly carriesLoadBalancers: boolean
  /** Undefined: it has no networks of VPCs. */
  readonly vpcNetworks:
    | {
        readonly underlayAddress: string
        readonly mostInterfaces: number
        readonly hasIpv6: boolean
        /** Undefined: its overlays travel as they are. */
        readonly wireGuard: WireGuardPeer | undefined
      }
    | undefined
  readonly custom: readonly Attribute[]
}

/** Berth's own: where other hosts reach this one, and how many tasks with an interface of their own it takes. */
const vpcAttributes = ({ vpcNetworks }: HostDescription): Attribute[] =>
  vpcNetworks
    ? [
        { name: 'berth.underlay-address', value: vpcNetworks.underlayAddress },
        { name: 'berth.task-enis', value: String(vpcNetworks.mostInterfaces) },
        ...wireGuardAttributes(vpcNetworks.wireGuard),
      ]
    : []

const wireGuardAttributes = (told: WireGuardPeer | undefined): Attribute[] =>
  told
    ? [
        { name: 'berth.wireguard-key', value: told.publicKey },
        ...(told.endpoint === undefined ? [] : [{ name: 'berth.wireguard-endpoint', value: told.endpoint }]),
      ]
    : []

export const attributesOf = (host: HostDescription): Attribute[] => {
  const names = [
    ...remoteApiCapabilities(host.info),
    ...logDriverCapabilities(host.info),
    ...securityCapabilities(host.info),
    ...volumeDriverCapabilities(host.info),
    ...agentCapabilities,
    ...(host.hasEbs ? ['ecs.capability.storage.ebs-task-volume-attach'] : []),
    ...(host.hasEfs ? ['ecs.capability.efs', 'ecs.capability.efsAuth'] : []),
    ...(host.readsBuckets
      ? ['ecs.capability.env-files.s3', 'ecs.capability.firelens.options.config.s3']
      : []),
    ...(host.hasTaskEndpoints ? taskRoleCapabilities : []),
    ...(host.canInjectFaults ? ['ecs.capability.fault-injection'] : []),
    ...(host.vpcNetworks ? ['ecs.capability.task-eni'] : []),
    ...(host.vpcNetworks?.hasIpv6 ? ['ecs.capability.task-eni.ipv6'] : []),
    ...(host.isExternal ? ['ecs.capability.external'] : []),
  ]
  return [
    ...names.map(name => ({ name })),
    { name: 'ecs.os-type', value: 'linux' },
    { name: 'ecs.os-family', value: 'LINUX' },
    { name: 'ecs.cpu-architecture', value: architectures[host.architecture] ?? host.architecture },
    { name: 'ecs.availability-zone', value: host.availabilityZone },
    { name: 'berth.agent-version', value: host.agentVersion },
    ...(host.offersFargate ? [{ name: 'berth.fargate', value: 'true' }] : []),
    ...(host.carriesLoadBalancers ? [{ name: 'berth.ingress', value: 'true' }] : []),
    ...vpcAttributes(host),
    ...host.custom,
  ]
}
