/** Trust stores of other accounts: there are none, for nobody shares any. */
import type {
  DeleteSharedTrustStoreAssociationInput,
  GetResourcePolicyInput,
  GetResourcePolicyOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { operation } from '../../../service.ts'
import { elbError } from '../../errors.ts'
import { rowOf, trustStoreKind } from '../../references.ts'
import { listeners, trustStores } from '../../tables/index.ts'

/** A trust store that is not shared has no policy. (AWS: GetResourcePolicy) */
const getResourcePolicy = operation<GetResourcePolicyInput, GetResourcePolicyOutput>({
  name: 'GetResourcePolicy',
  effect: 'reads',
  resources: ({ ResourceArn = '' }) => [ResourceArn],
  handle: ({ ResourceArn = '' }, { store, scope }) => {
    const row = store.get(trustStores, ResourceArn)
    if (!row || !ResourceArn.startsWith(`arn:aws:elasticloadbalancing:${scope.region}:${scope.accountId}:`))
      throw elbError('ResourceNotFound', `The specified resource '${ResourceArn}' does not exist`)
    return {}
  },
})

/** Listeners end associations of their own account by ModifyListener. (AWS: DeleteSharedTrustStoreAssociation) */
const deleteSharedTrustStoreAssociation = operation<DeleteSharedTrustStoreAssociationInput, object>({
  name: 'DeleteSharedTrustStoreAssociation',
  effect: 'frees',
  resources: ({ TrustStoreArn = '' }) => [TrustStoreArn],
  handle: ({ TrustStoreArn, ResourceArn }, { store, scope }) => {
    const { id } = rowOf(store, scope, trustStoreKind, TrustStoreArn)
    for (const { loadBalancerArn } of store.where(listeners, 'byTrustStore', id))
      if (loadBalancerArn === ResourceArn)
        throw elbError(
          'DeleteAssociationSameAccount',
          `The association of '${loadBalancerArn}' with the trust store '${id}' is within the same account`,
        )
    throw elbError(
      'AssociationNotFound',
      `The trust store '${id}' has no association with '${ResourceArn ?? ''}'`,
    )
  },
})

export const sharingOperations = [getResourcePolicy, deleteSharedTrustStoreAssociation]
