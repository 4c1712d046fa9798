import type { View } from '../../../store/view.ts'
import { type ContainerInstanceRow, tasks, type Usage } from '../tables/index.ts'
import { attributesOf } from './attributes.ts'
import type { TaskRequirements } from './task-requirements.ts'

/** An instance that a task could go to, with what is free there: one placement's own copy, which its choices change. */
export interface Candidate {
  readonly instance: ContainerInstanceRow
  /** Kept here, since looking them up costs more than all that is asked of them. */
  readonly attributes: ReadonlyMap<string, string>
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

/** Makes a candidate of each instance of one cluster; `group` is the group whose tasks are counted. */
export const candidatesIn = (
  view: View,
  clusterArn: string,
  group: string,
): ((instance: ContainerInstanceRow) => Candidate) => {
  const ofGroup = view.total(tasks, 'instancesByGroup', `${clusterArn}|${group}`)
  return instance => {
    const usage = view.total(tasks, 'usageByInstance', instance.id)
    const { cpu, memoryMiB, gpuIds } = instance.registered
    return {
      instance,
      attributes: attributesOf(instance),
      open: true,
      cpu: cpu - (usage?.cpu ?? 0),
      memoryMiB: memoryMiB - (usage?.memoryMiB ?? 0),
      tasks: usage?.tasks ?? 0,
      ofGroup: ofGroup?.get(instance.id) ?? 0,
      given: 0,
      freeGpuIds: usage?.gpuIds.size ? gpuIds.filter(id => !usage.gpuIds.has(id)) : gpuIds,
      usage,
    }
  }
}

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
