/** Docker's answers about containers, images and itself, in the engine interface's words. */
import { familiarRepository, type HealthStatus, type NetworkBinding, parseImageReference } from '@berth/model'
import type {
  AttachedMount,
  AttachedNetwork,
  ContainerSummary,
  ContainerView,
  EngineInfo,
  EngineStatus,
  ImageView,
} from '../engine.ts'
import { asArray, asLabels, asNumber, asObject, asText, type Json, optional } from './json.ts'

/** Docker writes year 1 for "never". */
const millis = (text: unknown): number | undefined => {
  const at = Date.parse(asText(text))
  return Number.isNaN(at) || at <= 0 ? undefined : at
}

const statusOf = (state: string): EngineStatus => {
  if (state === 'created') return 'created'
  // A paused or restarting container holds its processes: it runs as far as a task is concerned.
  return state === 'exited' || state === 'dead' || state === 'removing' ? 'exited' : 'running'
}

export const healthOf = (text: string): HealthStatus | undefined => {
  if (text === 'healthy') return 'HEALTHY'
  if (text === 'unhealthy') return 'UNHEALTHY'
  return text === 'starting' ? 'UNKNOWN' : undefined
}

const nameOf = (text: string): string => (text.startsWith('/') ? text.slice(1) : text)

/** IPv6 twins of a binding are left out, as the official agent leaves them out. */
const networkBindings = (ports: Json): NetworkBinding[] =>
  Object.entries(ports).flatMap(([key, hosts]) => {
    const [containerPort, protocol] = key.split('/')
    return asArray(hosts)
      .map(asObject)
      .filter(host => !asText(host['HostIp']).includes(':'))
      .map(host => ({
        bindIP: asText(host['HostIp']) || '0.0.0.0',
        containerPort: Number(containerPort),
        hostPort: Number(asText(host['HostPort'])),
        protocol: protocol === 'udp' ? ('udp' as const) : ('tcp' as const),
      }))
  })

const networksOf = (settings: Json): AttachedNetwork[] =>
  Object.entries(asObject(settings['Networks'])).map(([name, entry]) => {
    const network = asObject(entry)
    return {
      name,
      ...optional('ipv4', asText(network['IPAddress']) || undefined),
      ...optional('ipv6', asText(network['GlobalIPv6Address']) || undefined),
    }
  })

const mountsOf = (mounts: unknown): AttachedMount[] =>
  asArray(mounts)
    .map(asObject)
    .map(mount => ({
      ...optional('volume', asText(mount['Name']) || undefined),
      source: asText(mount['Source']),
      containerPath: asText(mount['Destination']),
    }))

export const containerView = (answer: unknown): ContainerView => {
  const container = asObject(answer)
  const state = asObject(container['State'])
  const status = statusOf(asText(state['Status']))
  const startedAt = millis(state['StartedAt'])
  return {
    id: asText(container['Id']),
    name: nameOf(asText(container['Name'])),
    labels: asLabels(asObject(container['Config'])['Labels']),
    status,
    imageId: asText(container['Image']),
    outOfMemory: state['OOMKilled'] === true,
    networkBindings: networkBindings(asObject(asObject(container['NetworkSettings'])['Ports'])),
    networks: networksOf(asObject(container['NetworkSettings'])),
    mounts: mountsOf(container['Mounts']),
    logPath: asText(container['LogPath']),
    ...optional('createdAt', millis(container['Created'])),
    ...optional('pid', asNumber(state['Pid']) || undefined),
    ...(status === 'exited' ? { exitCode: asNumber(state['ExitCode']) } : {}),
    ...optional('startedAt', startedAt),
    ...optional('finishedAt', millis(state['FinishedAt'])),
    ...optional('error', asText(state['Error']) || undefined),
    ...optional('health', healthOf(asText(asObject(state['Health'])['Status']))),
  }
}

export const containerSummary = (entry: unknown): ContainerSummary => {
  const container = asObject(entry)
  return {
    id: asText(container['Id']),
    name: nameOf(asText(asArray(container['Names'])[0])),
    labels: asLabels(container['Labels']),
    status: statusOf(asText(container['State'])),
  }
}

/** An image may have been pulled from, or pushed to, several repositories: the digest is that of `reference`'s own. */
export const imageView = (answer: unknown, reference: string): ImageView => {
  const image = asObject(answer)
  const asked = parseImageReference(reference)
  const prefix = `${familiarRepository(asked.repository)}@`
  const listed = asArray(image['RepoDigests'])
    .map(asText)
    .find(digest => digest.startsWith(prefix))
  return {
    id: asText(image['Id']),
    names: asArray(image['RepoTags']).map(asText),
    ...optional('digest', asked.digest ?? listed?.slice(prefix.length)),
  }
}

/** Docker says `name=seccomp,profile=default`. */
const securityModules = (info: Json): string[] =>
  asArray(info['SecurityOptions']).map(option => /name=(\w+)/.exec(asText(option))?.[1] ?? asText(option))

export const engineInfo = (answer: unknown, apiVersion: string): EngineInfo => {
  const info = asObject(answer)
  const modules = securityModules(info)
  return {
    kind: 'docker',
    version: asText(info['ServerVersion']),
    apiVersion,
    cpuCount: asNumber(info['NCPU']),
    memoryBytes: asNumber(info['MemTotal']),
    cgroupVersion: asText(info['CgroupVersion']) || '1',
    cgroupDriver: asText(info['CgroupDriver']),
    rootless: modules.includes('rootless'),
    securityModules: modules.filter(name => name !== 'rootless'),
    runtimes: Object.keys(asObject(info['Runtimes'])),
    logDrivers: asArray(asObject(info['Plugins'])['Log']).map(asText),
    dataDirectory: asText(info['DockerRootDir']),
    volumeDrivers: asArray(asObject(info['Plugins'])['Volume']).map(asText),
  }
}
