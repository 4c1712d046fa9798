import type { Attribute, PutAttributesRequest, PutAttributesResponse } from '@aws-sdk/client-ecs'
import type { Transaction } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import { attributeLimitExceeded } from '../../errors.ts'
import { activeCluster } from '../../references.ts'
import { clusterResource } from '../../resource-arns.ts'
import { type ClusterRow, containerInstances } from '../../tables/index.ts'
import { checkAttributes, isCustom, mostCustomAttributes } from './custom-attributes.ts'
import { targetOf } from './target.ts'

/** All of them, or none. */
export const putAttributes = operation<PutAttributesRequest, PutAttributesResponse>({
  name: 'PutAttributes',
  effect: 'writes',
  resources: (input, { scope }) => [clusterResource(scope, input.cluster)],
  handle: ({ cluster, attributes = [] }, { store, scope }) => {
    checkAttributes(attributes)
    return store.update(tx => {
      const row = activeCluster(tx, scope, cluster)
      return { attributes: attributes.map(attribute => putAttribute(tx, row, attribute)) }
    })
  },
})

const putAttribute = (tx: Transaction, cluster: ClusterRow, given: Attribute): Attribute => {
  const { name, value, targetId = '' } = given
  const instance = targetOf(tx, cluster, targetId)
  const attribute: Attribute = { name, ...(value ? { value } : {}) }
  const attributes = [...instance.attributes.filter(other => other.name !== name), attribute]
  if (attributes.filter(isCustom).length > mostCustomAttributes)
    throw attributeLimitExceeded(
      `The maximum number of custom attributes is ${mostCustomAttributes}: ${instance.id}`,
    )
  tx.put(containerInstances, { ...instance, attributes })
  return { ...attribute, targetType: 'container-instance', targetId: instance.id }
}
