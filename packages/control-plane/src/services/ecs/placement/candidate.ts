import type { View } from '../../../store/view.ts'
import { type ContainerInstanceRow, containerInstances, tasks, type Usage } from '../tables/index.ts'
import { attributesOf } from './attributes.ts'
import type { TaskRequirements } from './task-requirements.ts'

/**
 * What placement asks of an instance, whatever runs there. Every placement looks at all hosts of its cluster, so this is
 * kept together.
 */
interface Host {
  readonly instance: ContainerInstanceRow
  readonly attributes: ReadonlyMap<string, string>
  /** One of the attributes, which nearly every placement groups the hosts by. */
  readonly zone: string | undefined
  readonly cpu: number
  readonly memoryMiB: number
  readonly gpuIds: readonly string[]
}

const zoneAttribute = 'ecs.availability-zone'

const hostOf = (instance: ContainerInstanceRow): Host => {
  const { cpu, memoryMiB, gpuIds } = instance.registered
  const attributes = attributesOf(instance)
  return { instance, attributes, zone: attributes.get(zoneAttribute), cpu, memoryMiB, gpuIds }
}

/** The ACTIVE instances of each cluster. */
const activeHosts = (rows: Iterable<ContainerInstanceRow>): ReadonlyMap<string, readonly Host[]> => {
  const hosts = new Map<string, Host[]>()
  for (const instance of rows) {
    if (instance.status !== 'ACTIVE') continue
    const ofCluster = hosts.get(instance.clusterArn)
    if (ofCluster) ofCluster.push(hostOf(instance))
    else hosts.set(instance.clusterArn, [hostOf(instance)])
  }
  return hosts
}

/** An instance that a task could go to, with what is free there: one placement's own copy, which its choices change. */
export interface Candidate {
  readonly instance: ContainerInstanceRow
  readonly attributes: ReadonlyMap<string, string>
  readonly zone: string | undefined
  /** Whether the filters let tasks of this request onto it. */
  open: boolean
  cpu: number
  memoryMiB: number
  /** All of its tasks that are not STOPPED. */
  tasks: number
  /** Those of the group that are wanted running. */
  ofGroup: number
  /** How many this placement put there. */
  given: number
  freeGpuIds: readonly string[]
  /** What the tasks take that were there before. */
  readonly usage: Readonly<Usage> | undefined
}

/** Makes candidates of the instances of one cluster; `group` is the group whose tasks are counted. */
export class Candidates {
  readonly #view: View
  readonly #clusterArn: string
  readonly #ofGroup: ReadonlyMap<string, number> | undefined

  constructor(view: View, clusterArn: string, group: string) {
    this.#view = view
    this.#clusterArn = clusterArn
    this.#ofGroup = view.total(tasks, 'instancesByGroup', `${clusterArn}|${group}`)
  }

  /** Every ACTIVE instance, in the order of ARNs. */
  all(): Candidate[] {
    const hosts = this.#view.derived(containerInstances, activeHosts).get(this.#clusterArn) ?? []
    return hosts.map(host => this.#make(host))
  }

  of(instance: ContainerInstanceRow): Candidate {
    return this.#make(hostOf(instance))
  }

  #make({ instance, attributes, zone, cpu, memoryMiB, gpuIds }: Host): Candidate {
    const usage = this.#view.total(tasks, 'usageByInstance', instance.id)
    return {
      instance,
      attributes,
      zone,
      open: true,
      cpu: cpu - (usage?.cpu ?? 0),
      memoryMiB: memoryMiB - (usage?.memoryMiB ?? 0),
      tasks: usage?.tasks ?? 0,
      ofGroup: this.#ofGroup?.get(instance.id) ?? 0,
      given: 0,
      freeGpuIds: usage && gpuIds.length > 0 ? gpuIds.filter(id => !usage.gpuIds.has(id)) : gpuIds,
      usage,
    }
  }
}

export const attributeOf = ({ attributes, zone }: Candidate, name: string): string | undefined =>
  name === zoneAttribute ? zone : attributes.get(name)

/** Whether one of the ports is held by the host, by a task that is there, or by a task of this placement. */
export const holdsAny = ({ instance, usage, given }: Candidate, ports: readonly string[]): boolean =>
  ports.length > 0 &&
  (given > 0 || ports.some(port => usage?.ports.has(port) || instance.registered.ports.includes(port)))

/** Takes a task's share of the candidate, and gives the ids of the GPUs that the task gets. */
export const takeTask = (candidate: Candidate, requirements: TaskRequirements): readonly string[] => {
  const gpuIds = candidate.freeGpuIds.slice(0, requirements.gpus)
  candidate.cpu -= requirements.cpu
  candidate.memoryMiB -= requirements.memoryMiB
  candidate.tasks += 1
  candidate.ofGroup += 1
  candidate.given += 1
  candidate.freeGpuIds = candidate.freeGpuIds.slice(requirements.gpus)
  return gpuIds
}
