import type {
  DescribeTrustStoreAssociationsInput,
  DescribeTrustStoreAssociationsOutput,
  DescribeTrustStoresInput,
  DescribeTrustStoresOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { scopeKey } from '@berth/model'
import { type Call, operation } from '../../../service.ts'
import { validationError } from '../../errors.ts'
import { pageOf } from '../../pages.ts'
import { notFoundError, rowOf, rowsOf, trustStoreKind } from '../../references.ts'
import { trustStoreResponse } from '../../responses/trust-store.ts'
import { listeners, type TrustStoreRow, trustStores } from '../../tables/index.ts'

const namedRows = ({ store, scope }: Call, names: readonly string[]): TrustStoreRow[] =>
  [...new Set(names)].flatMap(name => {
    const found = [...store.where(trustStores, 'byName', `${scopeKey(scope)}|${name}`)]
    if (found.length === 0) throw notFoundError(trustStoreKind)
    return found
  })

const rowsAsked = (
  { TrustStoreArns, Names }: DescribeTrustStoresInput,
  call: Call,
): readonly TrustStoreRow[] => {
  const { store, scope } = call
  if (TrustStoreArns?.length && Names?.length)
    throw validationError('Trust store names and trust store ARNs cannot be specified at the same time')
  if (TrustStoreArns?.length) return rowsOf(store, scope, trustStoreKind, TrustStoreArns)
  return Names?.length ? namedRows(call, Names) : [...store.where(trustStores, 'byScope', scopeKey(scope))]
}

export const describeTrustStores = operation<DescribeTrustStoresInput, DescribeTrustStoresOutput>({
  name: 'DescribeTrustStores',
  effect: 'reads',
  resources: () => ['*'],
  handle: (input, call) => {
    const list = JSON.stringify(['TrustStores', call.scope, input.TrustStoreArns, input.Names])
    const { items, ...next } = pageOf(list, input, rowsAsked(input, call))
    return { TrustStores: items.map(trustStoreResponse), ...next }
  },
})

/** A listener associates its load balancer. (AWS: DeleteSharedTrustStoreAssociation, example) */
export const describeTrustStoreAssociations = operation<
  DescribeTrustStoreAssociationsInput,
  DescribeTrustStoreAssociationsOutput
>({
  name: 'DescribeTrustStoreAssociations',
  effect: 'reads',
  resources: () => ['*'],
  handle: (input, { store, scope }) => {
    const { id } = rowOf(store, scope, trustStoreKind, input.TrustStoreArn)
    const rows = store.where(listeners, 'byTrustStore', id)
    const arns = new Set([...rows].map(({ loadBalancerArn }) => loadBalancerArn))
    const { items, ...next } = pageOf(
      JSON.stringify(['TrustStoreAssociations', id]),
      input,
      [...arns].sort().map(arn => ({ id: arn })),
    )
    return { TrustStoreAssociations: items.map(({ id: ResourceArn }) => ({ ResourceArn })), ...next }
  },
})
