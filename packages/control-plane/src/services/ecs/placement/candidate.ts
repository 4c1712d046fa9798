import type { View } from '../../../store/view.ts'
import { type ContainerInstanceRow, tasks } from '../tables/index.ts'
import type { TaskRequirements } from './task-requirements.ts'

/** An instance that a task could go to, with what is free there: one placement's own copy, which its choices change. */
export interface Candidate {
  readonly instance: ContainerInstanceRow
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
  /** Whether a task holds the port; asked lazily, since most tasks fix no port. */
  readonly holdsPort: (port: string) => boolean
  readonly freeGpuIds: string[]
  /** Ports that this placement gave away. */
  readonly taken: Set<string>
}

const none: ReadonlySet<string> = new Set()

export const candidateOf = (view: View, instance: ContainerInstanceRow, group: string): Candidate => {
  const usage = view.total(tasks, 'usageByInstance', instance.id)
  const ofGroup = view.total(tasks, 'instancesByGroup', `${instance.clusterArn}|${group}`)
  const { registered } = instance
  const taken = new Set<string>()
  return {
    instance,
    open: true,
    cpu: registered.cpu - (usage?.cpu ?? 0),
    memoryMiB: registered.memoryMiB - (usage?.memoryMiB ?? 0),
    tasks: usage?.tasks ?? 0,
    ofGroup: ofGroup?.get(instance.id) ?? 0,
    given: 0,
    holdsPort: port => registered.ports.includes(port) || (usage?.ports ?? none).has(port) || taken.has(port),
    freeGpuIds: registered.gpuIds.filter(id => !usage?.gpuIds.has(id)),
    taken,
  }
}

/** Takes a task's share of the candidate, and gives the ids of the GPUs that the task gets. */
export const takeTask = (candidate: Candidate, requirements: TaskRequirements): readonly string[] => {
  candidate.cpu -= requirements.cpu
  candidate.memoryMiB -= requirements.memoryMiB
  candidate.tasks += 1
  candidate.ofGroup += 1
  candidate.given += 1
  for (const port of requirements.ports) candidate.taken.add(port)
  return candidate.freeGpuIds.splice(0, requirements.gpus)
}
