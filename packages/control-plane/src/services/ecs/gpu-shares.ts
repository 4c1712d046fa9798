import type { ContainerDefinition, ResourceRequirement } from '@aws-sdk/client-ecs'
import type { TaskRow } from './tables/index.ts'

const noGpus: ReadonlyMap<string, readonly string[]> = new Map()

const gpusOf = (requirements: readonly ResourceRequirement[] = []): number =>
  requirements.reduce((sum, { type, value }) => (type === 'GPU' ? sum + Number(value) : sum), 0)

/** The task's GPUs, by container: in the order of the definition each gets as many as it asks for. */
export const gpuShares = (
  task: TaskRow,
  definitions: readonly ContainerDefinition[],
): ReadonlyMap<string, readonly string[]> => {
  if (task.reserved.gpuIds.length === 0) return noGpus
  const shares = new Map<string, readonly string[]>()
  let given = 0
  for (const { name = '', resourceRequirements } of definitions) {
    const override = task.overrides.containerOverrides?.find(candidate => candidate.name === name)
    const gpus = gpusOf(override?.resourceRequirements ?? resourceRequirements)
    if (gpus > 0) shares.set(name, task.reserved.gpuIds.slice(given, given + gpus))
    given += gpus
  }
  return shares
}
