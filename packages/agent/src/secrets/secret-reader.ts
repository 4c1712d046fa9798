/** Reads secrets and parameters with the credentials of a task's execution role. */
import type { SecretsManager, SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager'
import type { SSM } from '@aws-sdk/client-ssm'
import type { PayloadCredentials } from '@berth/model'
import { requestLimits } from '../request-limits.ts'
import { callFailed, refused, SecretError } from './secret-error.ts'
import {
  type ParameterReference,
  parseSecretReference,
  type SecretsManagerReference,
} from './secret-reference.ts'

/**
 * The value that a `valueFrom` names. Rejects with SecretError, or with EngineError `unreachable` while the control
 * plane does not answer.
 */
export type ReadSecret = (valueFrom: string, credentials: PayloadCredentials) => Promise<string>

export interface SecretReaderOptions {
  readonly endpoint: string
  readonly region: string
  /** For tests: carries requests without a socket. */
  readonly requestHandler?: NonNullable<SecretsManagerClientConfig['requestHandler']>
}

/** Of one role: their connections are kept for as long as its credentials are. */
interface Clients {
  readonly secrets: SecretsManager
  readonly parameters: SSM
}

export const createSecretReader = (options: SecretReaderOptions): ReadSecret => {
  const known = new WeakMap<PayloadCredentials, Clients>()
  const clientsFor = async (credentials: PayloadCredentials): Promise<Clients> => {
    const { accessKeyId, secretAccessKey, sessionToken } = credentials
    // Most hosts never read a secret: the clients' 5 MiB are loaded for the first one.
    const [{ SecretsManager }, { SSM }] = await Promise.all([
      import('@aws-sdk/client-secrets-manager'),
      import('@aws-sdk/client-ssm'),
    ])
    const client = {
      requestHandler: requestLimits,
      ...options,
      credentials: { accessKeyId, secretAccessKey, sessionToken },
    }
    const clients = known.get(credentials) ?? {
      secrets: new SecretsManager(client),
      parameters: new SSM(client),
    }
    known.set(credentials, clients)
    return clients
  }
  return async (valueFrom, credentials) => {
    const reference = parseSecretReference(valueFrom)
    if (!reference)
      throw new SecretError(
        `trying to retrieve secret with value ${valueFrom} resulted in error: an invalid ARN format for the AWS Secrets Manager secret was specified. Specify a valid ARN and try again.`,
      )
    const { secrets, parameters } = await clientsFor(credentials)
    const value =
      reference.kind === 'secret'
        ? await readSecret(secrets, reference)
        : await readParameter(parameters, reference)
    if (value.includes('\0')) throw new SecretError(`the value of ${valueFrom} holds a null character`)
    return value
  }
}

const fromSecretsManager = 'unable to retrieve secret from asm'

const readSecret = async (client: SecretsManager, reference: SecretsManagerReference): Promise<string> => {
  const { secretId, jsonKey, versionStage, versionId } = reference
  const text = await client
    .getSecretValue({ SecretId: secretId, VersionStage: versionStage, VersionId: versionId })
    .then(
      ({ SecretString }) => SecretString,
      error => {
        throw callFailed(
          fromSecretsManager,
          `failed to fetch secret ${secretId} from secrets manager: `,
          error,
        )
      },
    )
  if (text === undefined)
    throw refused(
      fromSecretsManager,
      `the secret ${secretId} holds bytes, and an environment variable needs text`,
    )
  return jsonKey === undefined ? text : memberOf(text, secretId, jsonKey)
}

/** Never shows a part of the text, as the parser's own message would. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const memberOf = (text: string, secretId: string, jsonKey: string): string => {
  const members = parsed(text)
  if (typeof members !== 'object' || members === null || Array.isArray(members))
    throw refused(
      fromSecretsManager,
      `the secret ${secretId} is not a JSON object, and has no key ${jsonKey}`,
    )
  if (!Object.hasOwn(members, jsonKey))
    throw refused(
      fromSecretsManager,
      `retrieved secret from Secrets Manager did not contain json key ${jsonKey}`,
    )
  const value = (members as Record<string, unknown>)[jsonKey]
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const fromParameterStore = 'unable to retrieve secrets from ssm'

const readParameter = async (client: SSM, { name }: ParameterReference): Promise<string> => {
  const answer = await client.getParameters({ Names: [name], WithDecryption: true }).catch(error => {
    throw callFailed(fromParameterStore, '', error)
  })
  const value = answer.Parameters?.[0]?.Value
  if (value === undefined) throw refused(fromParameterStore, `invalid ssm parameters: ${name}`)
  return value
}
