import type { ContainerDefinition, TaskOverride } from '@aws-sdk/client-ecs'
import type { RegisteredDefinition } from './tables/index.ts'

/** A task definition as the overrides of one request make it. Environment variables are left to the agents. */
export const overriddenDefinition = (
  definition: RegisteredDefinition,
  overrides: TaskOverride,
): RegisteredDefinition => {
  const { taskRoleArn, executionRoleArn, cpu, memory, containerOverrides = [] } = overrides
  return {
    ...definition,
    ...definedOf({ taskRoleArn, executionRoleArn, cpu, memory }),
    containerDefinitions: (definition.containerDefinitions ?? []).map((container): ContainerDefinition => {
      const override = containerOverrides.find(({ name }) => name === container.name)
      return override ? { ...container, ...definedOf(override) } : container
    }),
  }
}

const definedOf = <T extends object>(record: T): Partial<T> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<T>
