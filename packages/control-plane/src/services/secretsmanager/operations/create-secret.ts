import type { CreateSecretRequest, CreateSecretResponse } from '@aws-sdk/client-secrets-manager'
import { formatArn, type Scope, scopeKey } from '@berth/model'
import type { Transaction } from '../../../store/view.ts'
import { mergeKeyValueTags, mostTags } from '../../key-value-tags.ts'
import { type Call, operation } from '../../service.ts'
import { constraint, invalidParameter, invalidRequest, limitExceeded, resourceExists } from '../errors.ts'
import { addVersion } from '../new-version.ts'
import { checkName, secretNamed, versionsOf } from '../references.ts'
import { checkRequestToken, givenValue, hasValue, type SecretValue } from '../secret-value.ts'
import type { SecretsManagerParts } from '../service-parts.ts'
import { type SecretRow, secrets } from '../tables/index.ts'

const longestDescription = 2048

export const checkDescription = (description = ''): void => {
  if (description.length > longestDescription)
    throw constraint('description', `have length less than or equal to ${longestDescription}`)
}

/** There is no AWS KMS here: values are encrypted with the key of the data directory. */
export const checkKmsKeyId = (kmsKeyId: string | undefined): void => {
  if (kmsKeyId && kmsKeyId !== 'alias/aws/secretsmanager')
    throw invalidParameter(
      'KmsKeyId is not supported: Berth encrypts with the key of its data directory. Leave it out, or say alias/aws/secretsmanager.',
    )
}

const checkMembers = (input: CreateSecretRequest): void => {
  checkName(input.Name ?? '')
  checkDescription(input.Description)
  checkKmsKeyId(input.KmsKeyId)
  if (input.AddReplicaRegions?.length)
    throw invalidParameter('AddReplicaRegions is not supported: a server serves one region.')
  if (input.Type !== undefined)
    throw invalidParameter('Type is not supported: there are no external secrets.')
}

/** Six letters and digits, by which a secret differs from another one that once had its name. */
const suffixOf = (hex: string): string => {
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  return (hex.match(/../g) ?? [])
    .map(byte => characters[Number.parseInt(byte, 16) % characters.length])
    .join('')
}

const newSecret = (input: CreateSecretRequest, { scope, now, randomHex }: Call): SecretRow => {
  const tags = mergeKeyValueTags([], input.Tags, invalidParameter)
  if (tags.length > mostTags) throw limitExceeded(`A secret can have at most ${mostTags} tags.`)
  return {
    id: formatArn('secretsmanager', scope, `secret:${input.Name}-${suffixOf(randomHex(6))}`),
    scope: scopeKey(scope),
    name: input.Name ?? '',
    createdAt: now,
    changedAt: now,
    ...(input.Description && { description: input.Description }),
    ...(input.KmsKeyId && { kmsKeyId: input.KmsKeyId }),
    ...(tags.length > 0 && { tags }),
  }
}

export const createSecret = ({ encryption }: SecretsManagerParts) => {
  /** The same request again gets the same answer; a name is free again once its secret is gone. */
  const existing = (tx: Transaction, scope: Scope, name: string, token: string, value?: SecretValue) => {
    const secret = secretNamed(tx, scope, name)
    if (secret?.deletionAt !== undefined)
      throw invalidRequest(
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      )
    if (!secret) return undefined
    const version = versionsOf(tx, secret).find(({ versionId }) => versionId === token)
    if (value && version && hasValue(encryption, version, value)) return secret
    throw resourceExists(`The operation failed because the secret ${name} already exists.`)
  }
  return operation<CreateSecretRequest, CreateSecretResponse>({
    name: 'CreateSecret',
    effect: 'writes',
    resources: ({ Name = '' }, { scope }) => [formatArn('secretsmanager', scope, `secret:${Name}-??????`)],
    handle: (input, call) => {
      checkMembers(input)
      const versionId = checkRequestToken(input.ClientRequestToken)
      const value = givenValue(input)
      const { scope, store, now } = call
      const made = newSecret(input, call)
      const secret = store.update(tx => {
        const old = existing(tx, scope, made.name, versionId, value)
        if (old) return old
        tx.put(secrets, made)
        if (value) addVersion(tx, encryption, { secret: made, versionId, value, stages: ['AWSCURRENT'], now })
        return made
      })
      return { ARN: secret.id, Name: secret.name, ...(value && { VersionId: versionId }) }
    },
  })
}
