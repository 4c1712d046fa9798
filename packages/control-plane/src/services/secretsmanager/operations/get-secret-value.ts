import type {
  BatchGetSecretValueRequest,
  BatchGetSecretValueResponse,
  GetSecretValueRequest,
  GetSecretValueResponse,
} from '@aws-sdk/client-secrets-manager'
import { AwsError } from '@berth/aws-api'
import type { View } from '../../../store/view.ts'
import { type Call, operation } from '../../service.ts'
import { timestamp } from '../../timestamp.ts'
import { constraint, invalidParameter, invalidRequest, valueNotFound } from '../errors.ts'
import { findLiveSecret, secretResource, versionsOf } from '../references.ts'
import { shownValue } from '../secret-value.ts'
import type { SecretsManagerParts } from '../service-parts.ts'
import { type SecretRow, type SecretVersionRow, secretVersions, versionRowId } from '../tables/index.ts'
import { versionWith } from '../version-stages.ts'

interface Selection {
  readonly VersionId?: string | undefined
  readonly VersionStage?: string | undefined
}

const selectedVersion = (
  view: View,
  secret: SecretRow,
  { VersionId, VersionStage }: Selection,
): SecretVersionRow => {
  if (VersionId === undefined) {
    const stage = VersionStage ?? 'AWSCURRENT'
    const version = versionWith(versionsOf(view, secret), stage)
    if (!version) throw valueNotFound(`staging label: ${stage}`)
    return version
  }
  if (VersionId.length < 32 || VersionId.length > 64)
    throw constraint('versionId', 'have length between 32 and 64')
  const version = view.get(secretVersions, versionRowId(secret.id, VersionId))
  if (!version) throw valueNotFound(`VersionId: ${VersionId}`)
  if (VersionStage !== undefined && !version.stages.includes(VersionStage))
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.')
  return version
}

const valueIn = (
  { encryption }: SecretsManagerParts,
  { store, scope }: Call,
  { SecretId = '', ...selection }: GetSecretValueRequest,
): GetSecretValueResponse => {
  const secret = findLiveSecret(store, scope, SecretId)
  const version = selectedVersion(store, secret, selection)
  return {
    ARN: secret.id,
    Name: secret.name,
    VersionId: version.versionId,
    ...shownValue(encryption, version),
    ...(version.stages.length > 0 && { VersionStages: [...version.stages] }),
    CreatedDate: timestamp(version.createdAt),
  }
}

export const getSecretValue = (parts: SecretsManagerParts) =>
  operation<GetSecretValueRequest, GetSecretValueResponse>({
    name: 'GetSecretValue',
    effect: 'reads',
    resources: ({ SecretId }, { store, scope }) => secretResource(store, scope, SecretId),
    handle: (input, call) => valueIn(parts, call, input),
  })

const mostIds = 20

/** By their ids only: filters would make it a second ListSecrets. */
export const batchGetSecretValue = (parts: SecretsManagerParts) =>
  operation<BatchGetSecretValueRequest, BatchGetSecretValueResponse>({
    name: 'BatchGetSecretValue',
    effect: 'reads',
    resources: ({ SecretIdList = [] }, { store, scope }) =>
      SecretIdList.length === 0 ? ['*'] : SecretIdList.flatMap(id => secretResource(store, scope, id)),
    handle: ({ SecretIdList, Filters, MaxResults }, call) => {
      if (Filters !== undefined) throw invalidParameter('Filters is not supported: name the secrets.')
      if (SecretIdList === undefined)
        throw invalidParameter('Either SecretIdList or Filters must be provided, but not both.')
      if (MaxResults !== undefined)
        throw invalidParameter('The parameter MaxResults can only be used together with Filters.')
      if (SecretIdList.length < 1 || SecretIdList.length > mostIds)
        throw constraint('secretIdList', `have length between 1 and ${mostIds}`)
      const Errors: BatchGetSecretValueResponse['Errors'] = []
      const SecretValues = SecretIdList.flatMap(SecretId => {
        try {
          return [valueIn(parts, call, { SecretId })]
        } catch (error) {
          if (!(error instanceof AwsError)) throw error
          Errors.push({ SecretId, ErrorCode: error.code, Message: error.message })
          return []
        }
      })
      return { SecretValues, Errors }
    },
  })
