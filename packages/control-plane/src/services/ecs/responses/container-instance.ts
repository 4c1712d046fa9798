import type { ContainerInstance, Resource } from '@aws-sdk/client-ecs'
import type { View } from '../../../store/view.ts'
import { timestamp } from '../../timestamp.ts'
import { type ContainerInstanceRow, containerInstances, tasks, type Usage } from '../tables/index.ts'

export interface ContainerInstanceFields {
  readonly tags: boolean
  readonly health: boolean
}

/** A container instance as the API shows it, with what tasks leave of it in this view. */
export const containerInstanceResponse = (
  view: View,
  row: ContainerInstanceRow,
  fields: ContainerInstanceFields,
): ContainerInstance => {
  const usage = view.total(tasks, 'usageByInstance', row.id)
  return {
    containerInstanceArn: row.id,
    ec2InstanceId: row.ec2InstanceId,
    // ECS counts the changes of an instance; the sequence of the last one grows with them as well.
    version: view.versionOf(containerInstances, row.id) ?? view.sequence,
    versionInfo: row.versionInfo,
    remainingResources: remainingResources(row, usage),
    registeredResources: registeredResources(row),
    status: row.status,
    agentConnected: row.agentConnected,
    runningTasksCount: usage?.running ?? 0,
    pendingTasksCount: usage?.pending ?? 0,
    attributes: row.attributes.map(({ name, value }) => ({ name, ...(value !== undefined && { value }) })),
    registeredAt: timestamp(row.registeredAt),
    attachments: [],
    ...(fields.tags && { tags: [...row.tags] }),
    ...(fields.health && { healthStatus: healthStatus(row) }),
  }
}

const registeredResources = ({ registered }: ContainerInstanceRow): Resource[] => [
  integer('CPU', registered.cpu),
  integer('MEMORY', registered.memoryMiB),
  stringSet('PORTS', portsOf(registered.ports, 'tcp')),
  stringSet('PORTS_UDP', portsOf(registered.ports, 'udp')),
  ...(registered.gpuIds.length > 0 ? [stringSet('GPU', registered.gpuIds)] : []),
]

/** Of CPU, memory and GPUs what is free; of ports those that are taken, as ECS has it. */
const remainingResources = (
  { registered }: ContainerInstanceRow,
  usage: Readonly<Usage> | undefined,
): Resource[] => {
  const ports = [...new Set([...registered.ports, ...(usage?.ports.keys() ?? [])])]
  const gpuIds = registered.gpuIds.filter(id => !usage?.gpuIds.has(id))
  return [
    integer('CPU', registered.cpu - (usage?.cpu ?? 0)),
    integer('MEMORY', registered.memoryMiB - (usage?.memoryMiB ?? 0)),
    stringSet('PORTS', portsOf(ports, 'tcp')),
    stringSet('PORTS_UDP', portsOf(ports, 'udp')),
    ...(registered.gpuIds.length > 0 ? [stringSet('GPU', gpuIds)] : []),
  ]
}

const portsOf = (ports: readonly string[], protocol: 'tcp' | 'udp'): string[] =>
  ports.filter(port => port.endsWith(`/${protocol}`)).map(port => port.slice(0, port.indexOf('/')))

/** ECS shows every member of the value, whatever the type. */
const integer = (name: string, integerValue: number): Resource => ({
  name,
  type: 'INTEGER',
  doubleValue: 0,
  longValue: 0,
  integerValue,
})

const stringSet = (name: string, values: readonly string[]): Resource => ({
  name,
  type: 'STRINGSET',
  doubleValue: 0,
  longValue: 0,
  integerValue: 0,
  stringSetValue: [...values],
})

/** An agent that said nothing of its container runtime yet leaves too little to judge by. */
const healthStatus = ({ health }: ContainerInstanceRow): ContainerInstance['healthStatus'] => {
  if (health === undefined) return { overallStatus: 'INSUFFICIENT_DATA', details: [] }
  const { status, lastUpdated, lastStatusChange } = health
  return {
    overallStatus: status,
    details: [
      {
        type: 'CONTAINER_RUNTIME',
        status,
        lastUpdated: timestamp(lastUpdated),
        lastStatusChange: timestamp(lastStatusChange),
      },
    ],
  }
}
