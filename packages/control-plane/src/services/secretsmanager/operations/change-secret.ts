import type {
  PutSecretValueRequest,
  PutSecretValueResponse,
  UpdateSecretRequest,
  UpdateSecretResponse,
  UpdateSecretVersionStageRequest,
  UpdateSecretVersionStageResponse,
} from '@aws-sdk/client-secrets-manager'
import { operation } from '../../service.ts'
import { constraint, invalidParameter, valueNotFound } from '../errors.ts'
import { addVersion, putVersions } from '../new-version.ts'
import { findLiveSecret, secretResource, versionsOf } from '../references.ts'
import { checkRequestToken, givenValue } from '../secret-value.ts'
import type { SecretsManagerParts } from '../service-parts.ts'
import { type SecretVersionRow, secrets } from '../tables/index.ts'
import { attachStages, detachStage, versionWith } from '../version-stages.ts'
import { checkDescription, checkKmsKeyId } from './create-secret.ts'

const checkStages = (stages: readonly string[]): void => {
  if (stages.length < 1) throw constraint('versionStages', 'have length greater than or equal to 1')
  for (const stage of stages)
    if (stage.length < 1 || stage.length > 256)
      throw constraint('versionStages', 'have length between 1 and 256')
}

export const putSecretValue = ({ encryption }: SecretsManagerParts) =>
  operation<PutSecretValueRequest, PutSecretValueResponse>({
    name: 'PutSecretValue',
    effect: 'writes',
    resources: ({ SecretId }, { store, scope }) => secretResource(store, scope, SecretId),
    handle: (input, { store, scope, now }) => {
      const versionId = checkRequestToken(input.ClientRequestToken)
      const stages = input.VersionStages ?? ['AWSCURRENT']
      checkStages(stages)
      const value = givenValue(input)
      if (!value) throw invalidParameter('You must provide either SecretString or SecretBinary.')
      return store.update(tx => {
        const secret = findLiveSecret(tx, scope, input.SecretId ?? '')
        const version = addVersion(tx, encryption, { secret, versionId, value, stages, now })
        return {
          ARN: secret.id,
          Name: secret.name,
          VersionId: versionId,
          VersionStages: [...version.stages],
        }
      })
    },
  })

export const updateSecret = ({ encryption }: SecretsManagerParts) =>
  operation<UpdateSecretRequest, UpdateSecretResponse>({
    name: 'UpdateSecret',
    effect: 'writes',
    resources: ({ SecretId }, { store, scope }) => secretResource(store, scope, SecretId),
    handle: (input, { store, scope, now }) => {
      const versionId = checkRequestToken(input.ClientRequestToken)
      const { Description: description, KmsKeyId: kmsKeyId } = input
      checkDescription(description)
      checkKmsKeyId(kmsKeyId)
      if (input.Type !== undefined)
        throw invalidParameter('Type is not supported: there are no external secrets.')
      const value = givenValue(input)
      return store.update(tx => {
        const secret = {
          ...findLiveSecret(tx, scope, input.SecretId ?? ''),
          ...(description !== undefined && { description }),
          ...(kmsKeyId && { kmsKeyId }),
          changedAt: now,
        }
        tx.put(secrets, secret)
        if (value) addVersion(tx, encryption, { secret, versionId, value, stages: ['AWSCURRENT'], now })
        return { ARN: secret.id, Name: secret.name, ...(value && { VersionId: versionId }) }
      })
    },
  })

/** Moves a label, or takes it off. Throws InvalidParameterException unless the version that has it is named. */
const moved = (
  versions: readonly SecretVersionRow[],
  {
    VersionStage: stage = '',
    RemoveFromVersionId: from,
    MoveToVersionId: to,
  }: UpdateSecretVersionStageRequest,
): SecretVersionRow[] => {
  for (const id of [from, to])
    if (id !== undefined && !versions.some(({ versionId }) => versionId === id))
      throw valueNotFound(`VersionId: ${id}`)
  const holder = versionWith(versions, stage)?.versionId
  if (to === undefined) return detached(versions, stage, from, holder)
  if (holder !== undefined && holder !== to && holder !== from)
    throw invalidParameter(
      from === undefined
        ? `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`
        : `The version ${from} that RemoveFromVersionId names does not have the staging label ${stage}: version ${holder} has it.`,
    )
  return attachStages(versions, to, [stage])
}

const detached = (
  versions: readonly SecretVersionRow[],
  stage: string,
  from: string | undefined,
  holder: string | undefined,
): SecretVersionRow[] => {
  if (from === undefined)
    throw invalidParameter('You must provide MoveToVersionId, RemoveFromVersionId, or both.')
  if (stage === 'AWSCURRENT')
    throw invalidParameter(
      "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
    )
  if (holder !== from) throw invalidParameter(`The version ${from} does not have the staging label ${stage}.`)
  return detachStage(versions, from, stage)
}

export const updateSecretVersionStage = operation<
  UpdateSecretVersionStageRequest,
  UpdateSecretVersionStageResponse
>({
  name: 'UpdateSecretVersionStage',
  effect: 'writes',
  resources: ({ SecretId }, { store, scope }) => secretResource(store, scope, SecretId),
  handle: (input, { store, scope, now }) => {
    checkStages([input.VersionStage ?? ''])
    return store.update(tx => {
      const secret = findLiveSecret(tx, scope, input.SecretId ?? '')
      putVersions(tx, moved(versionsOf(tx, secret), input))
      tx.put(secrets, { ...secret, changedAt: now })
      return { ARN: secret.id, Name: secret.name }
    })
  },
})
