import type { View } from '../../../store/view.ts'
import {
  type ContainerInstanceRow,
  containerInstances,
  type InstancesOfGroup,
  tasks,
  type Usage,
} from '../tables/index.ts'
import { attributesOf } from './attributes.ts'
import type { RefusalReason } from './filters.ts'
import type { Ranked } from './heap.ts'
import { listenerPorts } from './listener-ports.ts'
import type { TaskRequirements } from './task-requirements.ts'

const zoneAttribute = 'ecs.availability-zone'
/** **Berth**: how many network interfaces of tasks a host can have; none where its agent does not say. */
const eniAttribute = 'berth.task-enis'

/** The ACTIVE instances of each cluster. */
const activeInstances = (
  rows: Iterable<ContainerInstanceRow>,
): ReadonlyMap<string, readonly ContainerInstanceRow[]> => {
  const active = new Map<string, ContainerInstanceRow[]>()
  for (const instance of rows) {
    if (instance.status !== 'ACTIVE') continue
    const ofCluster = active.get(instance.clusterArn)
    if (ofCluster) ofCluster.push(instance)
    else active.set(instance.clusterArn, [instance])
  }
  return active
}

const noInstances: readonly ContainerInstanceRow[] = []

/** The ACTIVE instances of a cluster in the order of ARNs: the same list until an instance's row changes. */
export const activeInstancesOf = (view: View, clusterArn: string): readonly ContainerInstanceRow[] =>
  view.derived(containerInstances, activeInstances).get(clusterArn) ?? noInstances

const noPorts: readonly string[] = []

/** An instance that a task could go to, with what is free there, less what a placement is giving away. */
export interface Candidate extends Ranked {
  instance: ContainerInstanceRow
  readonly attributes: ReadonlyMap<string, string>
  /** One of the attributes, which nearly every placement groups the instances by. */
  readonly zone: string | undefined
  /** Why tasks of the request may not go to it. */
  refusedFor: RefusalReason | undefined
  cpu: number
  memoryMiB: number
  /** All of its tasks that are not STOPPED. */
  tasks: number
  /** Those of the group that are wanted running. */
  ofGroup: number
  /** How many the placement has put there. */
  given: number
  freeGpuIds: readonly string[]
  /** How many network interfaces of tasks it can have more. */
  enis: number
  /** Ports that listeners of load balancers have there. */
  readonly listenerPorts: ReadonlySet<string> | undefined
  /** Ports that daemons need which are to run there. */
  reservedPorts: readonly string[]
  /** What the tasks take that were there before. */
  usage: Readonly<Usage> | undefined
}

/** How many tasks of a group the instances of a cluster have. */
export const groupCounts = (
  view: View,
  clusterArn: string,
  group: string,
): Readonly<InstancesOfGroup> | undefined => view.total(tasks, 'instancesByGroup', `${clusterArn}|${group}`)

/** `ofGroup` counts the tasks of the request's group. */
export const candidateOf = (
  view: View,
  instance: ContainerInstanceRow,
  ofGroup: Readonly<InstancesOfGroup> | undefined,
): Candidate => {
  const attributes = attributesOf(instance)
  const candidate: Candidate = {
    instance,
    attributes,
    zone: attributes.get(zoneAttribute),
    position: -1,
    refusedFor: undefined,
    cpu: 0,
    memoryMiB: 0,
    tasks: 0,
    ofGroup: 0,
    given: 0,
    freeGpuIds: instance.registered.gpuIds,
    enis: 0,
    listenerPorts: listenerPorts(view).get(instance.id),
    reservedPorts: noPorts,
    usage: undefined,
  }
  readRoom(view, candidate, ofGroup)
  return candidate
}

/** Reads anew what the tasks that are there leave free. */
export const readRoom = (
  view: View,
  candidate: Candidate,
  ofGroup: Readonly<InstancesOfGroup> | undefined,
): void => {
  const { instance } = candidate
  const { cpu, memoryMiB, gpuIds } = instance.registered
  const usage = view.total(tasks, 'usageByInstance', instance.id)
  candidate.cpu = cpu - (usage?.cpu ?? 0)
  candidate.memoryMiB = memoryMiB - (usage?.memoryMiB ?? 0)
  candidate.tasks = usage?.tasks ?? 0
  candidate.ofGroup = ofGroup?.get(instance.id) ?? 0
  candidate.given = 0
  candidate.freeGpuIds = usage && gpuIds.length > 0 ? gpuIds.filter(id => !usage.gpuIds.has(id)) : gpuIds
  candidate.enis = Number(candidate.attributes.get(eniAttribute) ?? 0) - (usage?.enis ?? 0)
  candidate.reservedPorts = noPorts
  candidate.usage = usage
}

export const attributeOf = ({ attributes, zone }: Candidate, name: string): string | undefined =>
  name === zoneAttribute ? zone : attributes.get(name)

/** Whether one of the ports is held by the host, a listener, a task that is there or is to be, or a task of this placement. */
export const holdsAny = (candidate: Candidate, ports: readonly string[]): boolean => {
  const { instance, usage, given, listenerPorts, reservedPorts } = candidate
  if (ports.length === 0) return false
  if (given > 0) return true
  return ports.some(
    port =>
      usage?.ports.has(port) ||
      instance.registered.ports.includes(port) ||
      listenerPorts?.has(port) ||
      reservedPorts.includes(port),
  )
}

/** Takes a task's share of the candidate, and gives the ids of the GPUs that the task gets. */
export const takeTask = (candidate: Candidate, requirements: TaskRequirements): readonly string[] => {
  const gpuIds = candidate.freeGpuIds.slice(0, requirements.gpus)
  candidate.cpu -= requirements.cpu
  candidate.memoryMiB -= requirements.memoryMiB
  candidate.tasks += 1
  candidate.ofGroup += 1
  candidate.given += 1
  candidate.freeGpuIds = candidate.freeGpuIds.slice(requirements.gpus)
  candidate.enis -= requirements.enis
  return gpuIds
}
