import type {
  AddTrustStoreRevocationsInput,
  AddTrustStoreRevocationsOutput,
  DescribeTrustStoreRevocationsInput,
  DescribeTrustStoreRevocationsOutput,
  RemoveTrustStoreRevocationsInput,
  RevocationContent,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Transaction } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import { elbError, validationError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { pageOf } from '../../pages.ts'
import { rowOf, trustStoreKind } from '../../references.ts'
import { revocationResponse, revokedEntries } from '../../responses/trust-store.ts'
import type { Elbv2Parts } from '../../service-parts.ts'
import {
  type Revocation,
  revocationKey,
  revocationPieceId,
  revocationPieces,
  type TrustStoreRow,
  trustStores,
} from '../../tables/index.ts'
import { readCaBundle } from '../../trust-stores/ca-bundle.ts'
import { readFile, revocationRefusals } from '../../trust-stores/files.ts'
import { piecesOf, type RevocationList, readRevocationList } from '../../trust-stores/revocation-list.ts'

interface Size {
  readonly lists: number
  readonly entries: number
}

const sizeOf = (lists: readonly RevocationList[]): Size => ({
  lists: lists.length,
  entries: lists.reduce((sum, { entryCount }) => sum + entryCount, 0),
})

const checkRoom = (row: TrustStoreRow, added: Size): void => {
  if (
    revokedEntries(row) + added.entries > limits.revocationEntriesPerTrustStore ||
    row.revocations.length + added.lists > limits.revocationListsPerTrustStore
  )
    throw elbError(
      'TooManyTrustStoreRevocationEntries',
      `The specified trust store has too many revocation entries: it may have ${limits.revocationEntriesPerTrustStore}, in ${limits.revocationListsPerTrustStore} revocation files`,
    )
}

const readLists = async (
  { readObject }: Elbv2Parts,
  contents: readonly RevocationContent[],
  row: TrustStoreRow,
): Promise<RevocationList[]> => {
  const authorities = readCaBundle(row.certificates).certificates
  const lists: RevocationList[] = []
  checkRoom(row, { lists: contents.length, entries: 0 })
  // One after the other, and none beyond what there is room for: each may be large.
  for (const { S3Bucket, S3Key, S3ObjectVersion } of contents) {
    const file = { bucket: S3Bucket, key: S3Key, version: S3ObjectVersion }
    lists.push(readRevocationList(await readFile(readObject, file, revocationRefusals), authorities))
    checkRoom(row, sizeOf(lists))
  }
  return lists
}

/** The pieces first: hosts are told in this order, and what names a list must not come before it. */
const addLists = (tx: Transaction, row: TrustStoreRow, lists: readonly RevocationList[]): Revocation[] => {
  const added = lists.map(({ entryCount, text }, offset): Revocation => {
    const revocationId = row.lastRevocationId + offset + 1
    const pieces = piecesOf(text)
    for (const [index, piece] of pieces.entries())
      tx.put(revocationPieces, {
        id: revocationPieceId(row.id, revocationId, index),
        trustStoreArn: row.id,
        revocationId,
        index,
        text: piece,
      })
    return { revocationId, entryCount, pieceCount: pieces.length }
  })
  tx.put(trustStores, {
    ...row,
    revocations: [...row.revocations, ...added],
    lastRevocationId: row.lastRevocationId + lists.length,
  })
  return added
}

const addTrustStoreRevocations = (parts: Elbv2Parts) =>
  operation<AddTrustStoreRevocationsInput, AddTrustStoreRevocationsOutput>({
    name: 'AddTrustStoreRevocations',
    effect: 'writes',
    resources: ({ TrustStoreArn = '' }) => [TrustStoreArn],
    handle: async ({ TrustStoreArn, RevocationContents = [] }, { store, scope }) => {
      const before = rowOf(store, scope, trustStoreKind, TrustStoreArn)
      if (RevocationContents.length === 0) throw validationError('A revocation file must be specified')
      const lists = await readLists(parts, RevocationContents, before)
      return store.update(tx => {
        const row = rowOf(tx, scope, trustStoreKind, TrustStoreArn)
        checkRoom(row, sizeOf(lists))
        const added = addLists(tx, row, lists)
        return { TrustStoreRevocations: added.map(revocation => revocationResponse(row.id, revocation)) }
      })
    },
  })

/** Throws RevocationIdNotFound. */
const checkKnown = ({ revocations }: TrustStoreRow, ids: readonly number[]): void => {
  const known = new Set(revocations.map(({ revocationId }) => revocationId))
  const unknown = ids.find(id => !known.has(id))
  if (unknown !== undefined)
    throw elbError('RevocationIdNotFound', `The specified revocation ID '${unknown}' does not exist`)
}

/** What names a list goes before its pieces. */
const removeTrustStoreRevocations = operation<RemoveTrustStoreRevocationsInput, object>({
  name: 'RemoveTrustStoreRevocations',
  effect: 'frees',
  resources: ({ TrustStoreArn = '' }) => [TrustStoreArn],
  handle: ({ TrustStoreArn, RevocationIds = [] }, { store, scope }) => {
    store.update(tx => {
      const row = rowOf(tx, scope, trustStoreKind, TrustStoreArn)
      if (RevocationIds.length === 0) throw validationError('A revocation ID must be specified')
      checkKnown(row, RevocationIds)
      const gone = new Set(RevocationIds)
      const revocations = row.revocations.filter(({ revocationId }) => !gone.has(revocationId))
      tx.put(trustStores, { ...row, revocations })
      for (const id of gone)
        for (const piece of [...tx.where(revocationPieces, 'byRevocation', revocationKey(row.id, id))])
          tx.delete(revocationPieces, piece.id)
    })
    return {}
  },
})

const describeTrustStoreRevocations = operation<
  DescribeTrustStoreRevocationsInput,
  DescribeTrustStoreRevocationsOutput
>({
  name: 'DescribeTrustStoreRevocations',
  effect: 'reads',
  resources: () => ['*'],
  handle: (input, { store, scope }) => {
    const row = rowOf(store, scope, trustStoreKind, input.TrustStoreArn)
    const { RevocationIds: ids = [] } = input
    checkKnown(row, ids)
    const asked = row.revocations.filter(({ revocationId }) => ids.length === 0 || ids.includes(revocationId))
    const rows = asked.map(revocation => ({ id: String(revocation.revocationId), revocation }))
    const { items, ...next } = pageOf(JSON.stringify(['TrustStoreRevocations', row.id, ids]), input, rows)
    return {
      TrustStoreRevocations: items.map(({ revocation }) => revocationResponse(row.id, revocation)),
      ...next,
    }
  },
})

export const revocationOperations = (parts: Elbv2Parts) => [
  addTrustStoreRevocations(parts),
  removeTrustStoreRevocations,
  describeTrustStoreRevocations,
]
