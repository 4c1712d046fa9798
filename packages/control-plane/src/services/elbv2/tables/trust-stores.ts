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

/** A list of certificates that count no more; its text is rows of `elbv2.revocation-pieces`. */
export interface Revocation {
  /** Never given again: what it names does not change. */
  readonly revocationId: number
  readonly entryCount: number
  readonly pieceCount: number
}

export const trustStores = defineTable<TrustStoreRow>()({
  name: 'elbv2.trust-stores',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    byName: row => besideKey(row.id, row.name),
  },
})

/** A part of a revocation list, which may have tens of megabytes: whoever reads a trust store does not read them. */
export interface RevocationPieceRow extends Row {
  readonly id: string
  readonly trustStoreArn: string
  readonly revocationId: number
  /** From 0. */
  readonly index: number
  /** Of the list as PEM. */
  readonly text: string
}

/** The ids of a list's pieces are in their order. */
export const revocationPieceId = (trustStoreArn: string, revocationId: number, index: number): string =>
  `${trustStoreArn}|${revocationId}|${String(index).padStart(6, '0')}`

/** A list of a trust store, as an index key. */
export const revocationKey = (trustStoreArn: string, revocationId: number): string =>
  `${trustStoreArn}|${revocationId}`

export const revocationPieces = defineTable<RevocationPieceRow>()({
  name: 'elbv2.revocation-pieces',
  indexes: {
    byTrustStore: row => row.trustStoreArn,
    byRevocation: row => revocationKey(row.trustStoreArn, row.revocationId),
  },
})
