/** What is asked of a task of launch type FARGATE. (AWS: "Task definition differences for Fargate"; TaskOverride) */
import type { PlacementConstraint, PlacementStrategy, TaskOverride } from '@aws-sdk/client-ecs'
import { isFargateSize, parseTaskCpu, parseTaskMemory } from '@berth/model'
import { invalidParameter } from '../errors.ts'
import type { RegisteredDefinition, TaskRow } from '../tables/index.ts'

/** GiB that every task has. */
const leastStorage = 20
const mostStorage = 200

/** Throws InvalidParameterException: where tasks of Fargate run, nobody else chooses. */
export const refusePlacement = (
  constraints: readonly PlacementConstraint[] = [],
  strategy: readonly PlacementStrategy[] = [],
): void => {
  if (constraints.length > 0)
    throw invalidParameter('Placement constraints are not supported with FARGATE launch type.')
  if (strategy.length > 0)
    throw invalidParameter('Placement strategies are not supported with FARGATE launch type.')
}

/** Throws InvalidParameterException for sizes that Fargate does not have. */
export const checkFargateOverrides = (definition: RegisteredDefinition, overrides: TaskOverride): void => {
  const { ephemeralStorage, cpu = definition.cpu, memory = definition.memory } = overrides
  const isOtherSize = overrides.cpu !== undefined || overrides.memory !== undefined
  if (isOtherSize && !isFargateSize(parseTaskCpu(cpu ?? '') ?? 0, parseTaskMemory(memory ?? '') ?? 0))
    throw invalidParameter('No Fargate configuration exists for given values.')
  const { sizeInGiB = leastStorage } = ephemeralStorage ?? {}
  if (sizeInGiB < leastStorage || sizeInGiB > mostStorage)
    throw invalidParameter(
      `Ephemeral storage size must be between ${leastStorage} GiB and ${mostStorage} GiB.`,
    )
}

/** As DescribeTasks shows it. */
export const fargateStorage = (task: TaskRow, definition: RegisteredDefinition | undefined) => {
  if (task.launchType !== 'FARGATE') return undefined
  const { sizeInGiB = leastStorage } = task.overrides.ephemeralStorage ?? definition?.ephemeralStorage ?? {}
  return { ephemeralStorage: { sizeInGiB }, fargateEphemeralStorage: { sizeInGiB } }
}
