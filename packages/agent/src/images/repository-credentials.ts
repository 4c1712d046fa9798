/** A task's own key of a private registry. (AWS: "Using non-AWS container images in Amazon ECS") */
import { formatArn, type PayloadContainer, type PayloadCredentials, parseArn } from '@berth/model'
import { EngineError, isEngineError, type RegistryAuth } from '../engine/engine.ts'
import type { ReadSecret } from '../secrets/index.ts'

/** The key cannot be had; `message` is the task's reason, in ECS's words. */
export class RegistryAuthError extends Error {
  constructor(reason: string) {
    super(`ResourceInitializationError: unable to pull secrets or registry auth: ${reason}`)
    this.name = 'RegistryAuthError'
  }
}

/** A name is that of a secret in the task's own account and region. */
const secretArn = (secret: string, region: string, { roleArn }: PayloadCredentials): string =>
  parseArn(secret)
    ? secret
    : formatArn(
        'secretsmanager',
        { region, accountId: parseArn(roleArn)?.accountId ?? '' },
        `secret:${secret}`,
      )

/** Says nothing of the text: it is a secret, whatever its form. */
const parseKey = (secret: string, text: string): RegistryAuth => {
  try {
    const { username, password } = JSON.parse(text) as Readonly<Record<string, unknown>>
    if (typeof username === 'string' && typeof password === 'string') return { username, password }
  } catch {
    // It is refused below.
  }
  throw new RegistryAuthError(`the secret ${secret} must be JSON with the members username and password`)
}

/**
 * Undefined for a container without repositoryCredentials. Rejects with RegistryAuthError, or with EngineError
 * `unreachable` while the control plane does not answer, or has not sent the credentials of the execution role again.
 */
export const repositoryAuth = async (
  container: PayloadContainer,
  readSecret: ReadSecret,
  region: string,
  executionRole: PayloadCredentials | undefined,
): Promise<RegistryAuth | undefined> => {
  const secret = container.definition?.repositoryCredentials?.credentialsParameter
  if (secret === undefined) return undefined
  if (!executionRole)
    throw new EngineError('unreachable', 'the credentials of the execution role have not arrived yet')
  let text: string
  try {
    text = await readSecret(secretArn(secret, region, executionRole), executionRole)
  } catch (error) {
    if (isEngineError(error)) throw error
    throw new RegistryAuthError(error instanceof Error ? error.message : String(error))
  }
  return parseKey(secret, text)
}
