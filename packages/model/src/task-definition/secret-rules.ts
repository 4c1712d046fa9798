/** Secrets of containers and of log drivers, and registry credentials: their names, and the role that reads them. */
import { repeated } from './repeated.ts'
import type { ContainerLike, DefinitionLike, Problems } from './types.ts'

export function* secretProblems(container: ContainerLike, definition: DefinitionLike): Problems {
  const { name, secrets = [], logConfiguration, repositoryCredentials } = container
  const all = [...secrets, ...(logConfiguration?.secretOptions ?? [])]
  if (all.length > 0 && !definition.executionRoleArn)
    yield "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
  if (all.some(secret => !secret.name || !secret.valueFrom))
    yield `Invalid setting for container '${name}'. Secrets need a name and a valueFrom.`
  const taken = [
    ...secrets.map(secret => secret.name),
    ...new Set(container.environment?.map(variable => variable.name)),
  ]
  const shared = secrets.length > 0 ? repeated(taken) : undefined
  if (shared)
    yield `The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '${shared}'.`
  if (repositoryCredentials && !definition.executionRoleArn)
    yield "When you are specifying repositoryCredentials, you must also specify a value for 'executionRoleArn'."
}
