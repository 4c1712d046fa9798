import type {
  CreateTrustStoreInput,
  CreateTrustStoreOutput,
  DeleteTrustStoreInput,
  ModifyTrustStoreInput,
  ModifyTrustStoreOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Scope, scopeKey } from '@berth/model'
import type { View } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import { newId, trustStoreArn } from '../../arns.ts'
import { elbError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { checkTrustStoreName } from '../../names.ts'
import { rowOf, trustStoreKind } from '../../references.ts'
import { trustStoreResponse } from '../../responses/trust-store.ts'
import type { Elbv2Parts } from '../../service-parts.ts'
import { listeners, revocationPieces, type TrustStoreRow, trustStores } from '../../tables/index.ts'
import { withTags } from '../../tags.ts'
import { type CaBundle, readCaBundle } from '../../trust-stores/ca-bundle.ts'
import { bundleRefusals, readFile } from '../../trust-stores/files.ts'

const readBundle = async (
  { readObject }: Elbv2Parts,
  input: Omit<ModifyTrustStoreInput, 'TrustStoreArn'>,
): Promise<CaBundle> =>
  readCaBundle(
    await readFile(
      readObject,
      {
        bucket: input.CaCertificatesBundleS3Bucket,
        key: input.CaCertificatesBundleS3Key,
        version: input.CaCertificatesBundleS3ObjectVersion,
      },
      bundleRefusals,
    ),
  )

const bundleOf = ({
  certificates,
  text,
}: CaBundle): Pick<TrustStoreRow, 'certificates' | 'certificateCount'> => ({
  certificates: text,
  certificateCount: certificates.length,
})

const checkRoom = (view: View, scope: Scope, name: string): void => {
  if (view.count(trustStores, 'byName', `${scopeKey(scope)}|${name}`) > 0)
    throw elbError('DuplicateTrustStoreName', `A trust store with the name '${name}' already exists`)
  if (view.count(trustStores, 'byScope', scopeKey(scope)) >= limits.trustStores)
    throw elbError('TooManyTrustStores', 'The maximum number of trust stores has been reached')
}

const createTrustStore = (parts: Elbv2Parts) =>
  operation<CreateTrustStoreInput, CreateTrustStoreOutput>({
    name: 'CreateTrustStore',
    effect: 'writes',
    resources: () => ['*'],
    handle: async (input, { store, scope, randomHex }) => {
      const { Name: name = '' } = input
      checkTrustStoreName(name)
      const tags = withTags([], input.Tags)
      checkRoom(store, scope, name)
      const bundle = await readBundle(parts, input)
      return store.update(tx => {
        checkRoom(tx, scope, name)
        const row: TrustStoreRow = {
          id: trustStoreArn(scope, name, newId(randomHex)),
          name,
          ...bundleOf(bundle),
          revocations: [],
          lastRevocationId: 0,
          tags,
        }
        tx.put(trustStores, row)
        return { TrustStores: [trustStoreResponse(row)] }
      })
    },
  })

/** Its bundle as a whole; its revocation lists stay. */
const modifyTrustStore = (parts: Elbv2Parts) =>
  operation<ModifyTrustStoreInput, ModifyTrustStoreOutput>({
    name: 'ModifyTrustStore',
    effect: 'writes',
    resources: ({ TrustStoreArn = '' }) => [TrustStoreArn],
    handle: async (input, { store, scope }) => {
      rowOf(store, scope, trustStoreKind, input.TrustStoreArn)
      const bundle = await readBundle(parts, input)
      return store.update(tx => {
        const row = { ...rowOf(tx, scope, trustStoreKind, input.TrustStoreArn), ...bundleOf(bundle) }
        tx.put(trustStores, row)
        return { TrustStores: [trustStoreResponse(row)] }
      })
    },
  })

const deleteTrustStore = operation<DeleteTrustStoreInput, object>({
  name: 'DeleteTrustStore',
  effect: 'frees',
  resources: ({ TrustStoreArn = '' }) => [TrustStoreArn],
  handle: ({ TrustStoreArn }, { store, scope }) => {
    store.update(tx => {
      const { id } = rowOf(tx, scope, trustStoreKind, TrustStoreArn)
      if (tx.count(listeners, 'byTrustStore', id) > 0)
        throw elbError('TrustStoreInUse', `Trust store '${id}' is currently in use by a listener`)
      tx.delete(trustStores, id)
      for (const piece of [...tx.where(revocationPieces, 'byTrustStore', id)])
        tx.delete(revocationPieces, piece.id)
    })
    return {}
  },
})

export const changeTrustStoreOperations = (parts: Elbv2Parts) => [
  createTrustStore(parts),
  modifyTrustStore(parts),
  deleteTrustStore,
]
