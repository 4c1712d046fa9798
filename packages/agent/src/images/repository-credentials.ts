/** A task's own key of a private registry. (AWS: "Using non-AWS container images in Amazon ECS") */
import type { PayloadContainer, PayloadCredentials } from '@berth/model'
import { EngineError, isEngineError, type RegistryAuth } from '../engine/engine.ts'
import type { ReadSecret } from '../secrets/index.ts'

/** The key cannot be had; `message` is the task's reason, in ECS's words. */
export class RegistryAuthError extends Error {
  constructor(reason: string) {
    super(`ResourceInitializationError: unable to pull secrets or registry auth: ${reason}`)
    this.name = 'RegistryAuthError'
  }
}

const parseKey = (secret: string, text: string): RegistryAuth => {
  const wrong = new RegistryAuthError(
    `the secret ${secret} must be JSON with the members username and password`,
  )
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw wrong
  }
  if (typeof parsed !== 'object' || parsed === null) throw wrong
  const { username, password } = parsed as Readonly<Record<string, unknown>>
  if (typeof username !== 'string' || typeof password !== 'string') throw wrong
  return { username, password }
}

/** Undefined for a container without repositoryCredentials. Rejects with RegistryAuthError, or EngineError `unreachable`. */
export const repositoryAuth = async (
  container: PayloadContainer,
  readSecret: ReadSecret,
  executionRole: PayloadCredentials | undefined,
): Promise<RegistryAuth | undefined> => {
  const secret = container.definition?.repositoryCredentials?.credentialsParameter
  if (secret === undefined) return undefined
  // After the agent's restart they come with the next session: until then it is tried again.
  if (!executionRole)
    throw new EngineError('unreachable', 'the credentials of the execution role have not arrived yet')
  let text: string
  try {
    text = await readSecret(secret, executionRole)
  } catch (error) {
    if (isEngineError(error, 'unreachable')) throw error
    throw new RegistryAuthError(error instanceof Error ? error.message : String(error))
  }
  return parseKey(secret, text)
}
