import type { Attribute, DeleteAttributesRequest, DeleteAttributesResponse } from '@aws-sdk/client-ecs'
import type { Transaction } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import { activeCluster } from '../../references.ts'
import { clusterResource } from '../../resource-arns.ts'
import { type ClusterRow, containerInstances } from '../../tables/index.ts'
import { checkAttributes } from './custom-attributes.ts'
import { targetOf } from './target.ts'

/** Attributes that are not there are no error. */
export const deleteAttributes = operation<DeleteAttributesRequest, DeleteAttributesResponse>({
  name: 'DeleteAttributes',
  effect: 'frees',
  resources: (input, { scope }) => [clusterResource(scope, input.cluster)],
  handle: ({ cluster, attributes = [] }, { store, scope }) => {
    checkAttributes(attributes)
    return store.update(tx => {
      const row = activeCluster(tx, scope, cluster)
      return { attributes: attributes.map(attribute => deleteAttribute(tx, row, attribute)) }
    })
  },
})

const deleteAttribute = (tx: Transaction, cluster: ClusterRow, given: Attribute): Attribute => {
  const { name, value, targetId = '' } = given
  const instance = targetOf(tx, cluster, targetId)
  const attributes = instance.attributes.filter(other => other.name !== name)
  tx.put(containerInstances, { ...instance, attributes })
  return { name, ...(value ? { value } : {}), targetType: 'container-instance', targetId: instance.id }
}
