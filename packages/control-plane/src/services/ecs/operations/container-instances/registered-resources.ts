import type { PlatformDevice, Resource } from '@aws-sdk/client-ecs'
import { invalidParameter } from '../../errors.ts'
import type { Resources } from '../../tables/index.ts'

/** What an instance offers, as rows keep it. Throws InvalidParameterException. */
export const readResources = (
  resources: readonly Resource[] | undefined,
  devices: readonly PlatformDevice[] | undefined,
): Resources => {
  const byName = new Map<string, Resource>()
  for (const resource of resources ?? []) {
    const name = resource.name ?? ''
    if (!known.has(name)) throw invalidParameter(`Resource ${name} is not supported by Berth yet.`)
    if (byName.has(name)) throw invalidParameter(`Resource ${name} is given twice.`)
    byName.set(name, resource)
  }
  return {
    cpu: integerOf('CPU', byName.get('CPU')),
    memoryMiB: integerOf('MEMORY', byName.get('MEMORY')),
    ports: [
      ...portsOf('PORTS', byName.get('PORTS'), 'tcp'),
      ...portsOf('PORTS_UDP', byName.get('PORTS_UDP'), 'udp'),
    ],
    gpuIds: gpuIdsOf(devices),
  }
}

const known: ReadonlySet<string> = new Set(['CPU', 'MEMORY', 'PORTS', 'PORTS_UDP'])

const integerOf = (name: string, resource: Resource | undefined): number => {
  if (resource === undefined) throw invalidParameter(`totalResources must contain ${name}.`)
  const value = resource.integerValue
  if (resource.type !== 'INTEGER' || value === undefined || value < 0)
    throw invalidParameter(`Resource ${name} must be an INTEGER that is not negative.`)
  return value
}

const portsOf = (
  name: string,
  resource: Resource | undefined,
  protocol: 'tcp' | 'udp',
): readonly string[] => {
  if (resource === undefined) return []
  if (resource.type !== 'STRINGSET') throw invalidParameter(`Resource ${name} must be a STRINGSET.`)
  const ports = [...new Set(resource.stringSetValue ?? [])]
  const wrong = ports.find(port => !/^\d{1,5}$/.test(port) || Number(port) > 65_535)
  if (wrong !== undefined) throw invalidParameter(`Resource ${name} holds ${wrong}, which is no port.`)
  return ports.map(port => `${port}/${protocol}`)
}

const gpuIdsOf = (devices: readonly PlatformDevice[] = []): readonly string[] =>
  devices.map(({ id, type }) => {
    if (type !== 'GPU')
      throw invalidParameter(`Platform devices of type ${type} are not supported by Berth yet.`)
    if (!id) throw invalidParameter('Platform device id cannot be blank.')
    return id
  })
