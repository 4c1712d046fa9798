import type { ContainerDefinition, ContainerOverride, TaskOverride } from '@aws-sdk/client-ecs'
import { definedMembers } from './defined-members.ts'
import type { RegisteredDefinition } from './tables/index.ts'

/** A task definition as the overrides of one request make it. */
export const overriddenDefinition = (
  definition: RegisteredDefinition,
  overrides: TaskOverride,
): RegisteredDefinition => {
  const { taskRoleArn, executionRoleArn, cpu, memory, containerOverrides = [] } = overrides
  return {
    ...definition,
    ...definedMembers({ taskRoleArn, executionRoleArn, cpu, memory }),
    containerDefinitions: (definition.containerDefinitions ?? []).map(container =>
      overriddenContainer(
        container,
        containerOverrides.find(({ name }) => name === container.name),
      ),
    ),
  }
}

/** What the override names replaces what the definition says, but for variables: those are added to the definition's. */
export const overriddenContainer = (
  container: ContainerDefinition,
  override: ContainerOverride | undefined,
): ContainerDefinition => {
  if (override === undefined) return container
  const { environment, ...replaced } = override
  return {
    ...container,
    ...definedMembers(replaced),
    ...(environment && {
      environment: Object.entries({
        ...variablesOf(container.environment),
        ...variablesOf(environment),
      }).map(([name, value]) => ({ name, value })),
    }),
  }
}

/** The last of several values of one variable counts. */
export const variablesOf = (
  environment: ContainerDefinition['environment'],
): Readonly<Record<string, string>> =>
  Object.fromEntries((environment ?? []).map(({ name, value }) => [name ?? '', value ?? '']))
