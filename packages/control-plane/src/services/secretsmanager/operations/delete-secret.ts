import type {
  DeleteSecretRequest,
  DeleteSecretResponse,
  RestoreSecretRequest,
  RestoreSecretResponse,
} from '@aws-sdk/client-secrets-manager'
import { AwsError } from '@berth/aws-api'
import { formatArn, parseArn, type Scope } from '@berth/model'
import type { Transaction } from '../../../store/view.ts'
import { operation } from '../../service.ts'
import { timestamp } from '../../timestamp.ts'
import { invalidParameter, invalidRequest } from '../errors.ts'
import { findSecret, secretResource, versionsOf } from '../references.ts'
import { type SecretRow, secrets, secretVersions } from '../tables/index.ts'

const dayMs = 24 * 60 * 60 * 1000
const defaultDays = 30

const checkWindow = ({
  RecoveryWindowInDays: days,
  ForceDeleteWithoutRecovery: force,
}: DeleteSecretRequest) => {
  if (days === undefined) return
  if (force)
    throw invalidParameter(
      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    )
  if (!Number.isInteger(days) || days < 7 || days > 30)
    throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).')
}

/** Undefined when there is none, which is no fault of who deletes by force. */
const found = (tx: Transaction, scope: Scope, secretId: string): SecretRow | undefined => {
  try {
    return findSecret(tx, scope, secretId)
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined
    throw error
  }
}

const nameOf = (secretId: string): string =>
  parseArn(secretId)?.resource.replace(/^secret:(.*)-[A-Za-z0-9]{6}$/, '$1') ?? secretId

export const removeSecret = (tx: Transaction, secret: SecretRow): void => {
  for (const version of versionsOf(tx, secret)) tx.delete(secretVersions, version.id)
  tx.delete(secrets, secret.id)
}

export const deleteSecret = operation<DeleteSecretRequest, DeleteSecretResponse>({
  name: 'DeleteSecret',
  effect: 'frees',
  resources: ({ SecretId }, { store, scope }) => secretResource(store, scope, SecretId),
  handle: (input, { store, scope, now }) => {
    checkWindow(input)
    const { SecretId = '', RecoveryWindowInDays: days = defaultDays } = input
    return store.update(tx => {
      if (input.ForceDeleteWithoutRecovery) {
        const secret = found(tx, scope, SecretId)
        if (secret) removeSecret(tx, secret)
        const ARN =
          secret?.id ??
          (SecretId.startsWith('arn:') ? SecretId : formatArn('secretsmanager', scope, `secret:${SecretId}`))
        return { ARN, Name: secret?.name ?? nameOf(SecretId), DeletionDate: timestamp(now) }
      }
      const secret = findSecret(tx, scope, SecretId)
      if (secret.deletionAt !== undefined)
        throw invalidRequest(
          "You can't perform this operation on the secret because it was already scheduled for deletion.",
        )
      const deletionAt = now + days * dayMs
      tx.put(secrets, { ...secret, deletionAt })
      return { ARN: secret.id, Name: secret.name, DeletionDate: timestamp(deletionAt) }
    })
  },
})

export const restoreSecret = operation<RestoreSecretRequest, RestoreSecretResponse>({
  name: 'RestoreSecret',
  effect: 'writes',
  resources: ({ SecretId }, { store, scope }) => secretResource(store, scope, SecretId),
  handle: ({ SecretId = '' }, { store, scope }) =>
    store.update(tx => {
      const { deletionAt, ...secret } = findSecret(tx, scope, SecretId)
      if (deletionAt !== undefined) tx.put(secrets, secret)
      return { ARN: secret.id, Name: secret.name }
    }),
})
