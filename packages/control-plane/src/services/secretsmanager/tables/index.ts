import { defineTable, type Millis, type Row } from '../../../store/table.ts'
import type { KeyValueTag } from '../../key-value-tags.ts'

/** Its id is the ARN, with the six random characters. Written by the operations; deleted by the reconciler, too. */
export interface SecretRow extends Row {
  readonly scope: string
  readonly name: string
  readonly description?: string
  /** As the caller named it; absent: the service's own key. */
  readonly kmsKeyId?: string
  readonly createdAt: Millis
  readonly changedAt: Millis
  /** When it will be deleted for good, and cannot be restored any more. */
  readonly deletionAt?: Millis
  /** Absent until the first tag; an empty list after the last has gone. */
  readonly tags?: readonly KeyValueTag[]
}

/** `scope name` of a secret: names are unique while the secret exists. */
export const nameKey = (scope: string, name: string): string => `${scope} ${name}`

export const secrets = defineTable<SecretRow>()({
  name: 'secretsmanager.secrets',
  indexes: { byScope: row => row.scope, byName: row => nameKey(row.scope, row.name) },
})

/** One value of a secret. Its id is `ARN:version id`. Written by the operations; deleted by the reconciler, too. */
export interface SecretVersionRow extends Row {
  readonly secretArn: string
  readonly versionId: string
  /** Sorted. None: the version is deprecated. */
  readonly stages: readonly string[]
  readonly createdAt: Millis
  readonly kind: 'string' | 'binary'
  /** By the server's key, bound to this row's id. */
  readonly encryptedValue: string
}

export const versionRowId = (secretArn: string, versionId: string): string => `${secretArn}:${versionId}`

export const secretVersions = defineTable<SecretVersionRow>()({
  name: 'secretsmanager.versions',
  indexes: { bySecret: row => row.secretArn },
})
