import type {
  DescribeSecretRequest,
  DescribeSecretResponse,
  ListSecretVersionIdsRequest,
  ListSecretVersionIdsResponse,
} from '@aws-sdk/client-secrets-manager'
import type { View } from '../../../store/view.ts'
import { takeRows } from '../../row-page.ts'
import { operation } from '../../service.ts'
import { timestamp } from '../../timestamp.ts'
import { pageRules } from '../errors.ts'
import { findSecret, secretResource, versionsOf } from '../references.ts'
import type { SecretRow } from '../tables/index.ts'

/** By version id; those without labels are deprecated, and not shown. */
export const stagesOf = (view: View, secret: SecretRow): Record<string, string[]> | undefined => {
  const staged = versionsOf(view, secret).filter(({ stages }) => stages.length > 0)
  if (staged.length === 0) return undefined
  return Object.fromEntries(staged.map(({ versionId, stages }) => [versionId, [...stages]]))
}

/** What DescribeSecret and ListSecrets both show. */
export const shownSecret = (secret: SecretRow) => ({
  ARN: secret.id,
  Name: secret.name,
  ...(secret.description && { Description: secret.description }),
  ...(secret.kmsKeyId && { KmsKeyId: secret.kmsKeyId }),
  CreatedDate: timestamp(secret.createdAt),
  LastChangedDate: timestamp(secret.changedAt),
  ...(secret.deletionAt !== undefined && { DeletedDate: timestamp(secret.deletionAt) }),
  ...(secret.tags && { Tags: secret.tags.map(tag => ({ ...tag })) }),
})

export const describeSecret = operation<DescribeSecretRequest, DescribeSecretResponse>({
  name: 'DescribeSecret',
  effect: 'reads',
  resources: ({ SecretId }, { store, scope }) => secretResource(store, scope, SecretId),
  handle: ({ SecretId = '' }, { store, scope }) => {
    const secret = findSecret(store, scope, SecretId)
    const VersionIdsToStages = stagesOf(store, secret)
    return { ...shownSecret(secret), ...(VersionIdsToStages && { VersionIdsToStages }) }
  },
})

export const listSecretVersionIds = operation<ListSecretVersionIdsRequest, ListSecretVersionIdsResponse>({
  name: 'ListSecretVersionIds',
  effect: 'reads',
  resources: ({ SecretId }, { store, scope }) => secretResource(store, scope, SecretId),
  handle: (input, { store, scope }) => {
    const secret = findSecret(store, scope, input.SecretId ?? '')
    const versions = versionsOf(store, secret).filter(
      ({ stages }) => input.IncludeDeprecated || stages.length > 0,
    )
    const list = `ListSecretVersionIds|${secret.id}|${input.IncludeDeprecated ?? false}`
    const { items, NextToken } = takeRows(list, input, versions, pageRules)
    const Versions = items.map(({ versionId, stages, createdAt }) => ({
      VersionId: versionId,
      ...(stages.length > 0 && { VersionStages: [...stages] }),
      CreatedDate: timestamp(createdAt),
      KmsKeyIds: ['DefaultEncryptionKey'],
    }))
    return { ARN: secret.id, Name: secret.name, Versions, ...(NextToken && { NextToken }) }
  },
})
