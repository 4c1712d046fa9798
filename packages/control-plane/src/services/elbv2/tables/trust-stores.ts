import { defineTable, type Row } from '../../../store/table.ts'
import type { KeyValueTag } from '../../key-value-tags.ts'
import { besideKey, scopeKeyOf } from './keys.ts'

/** (AWS: Elastic Load Balancing API reference, TrustStore). Written by operations. */
export interface TrustStoreRow extends Row {
  /** The ARN: `…:truststore/NAME/16 hexadecimal digits`. */
  readonly id: string
  readonly name: string
  /** PEM. */
  readonly certificates: string
  readonly certificateCount: number
  readonly revocations: readonly Revocation[]
  /** Of the revocation that was added last. */
  readonly lastRevocationId: number
  readonly tags: readonly KeyValueTag[]
}

/** A list of certificates that count no more. */
export interface Revocation {
  readonly revocationId: number
  /** PEM. */
  readonly list: string
  readonly entryCount: number
}

export const trustStores = defineTable<TrustStoreRow>()({
  name: 'elbv2.trust-stores',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    byName: row => besideKey(row.id, row.name),
  },
})
