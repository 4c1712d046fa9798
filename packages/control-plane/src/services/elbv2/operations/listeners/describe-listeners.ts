import type {
  DescribeListenerAttributesInput,
  DescribeListenerAttributesOutput,
  DescribeListenersInput,
  DescribeListenersOutput,
  ModifyListenerAttributesInput,
  ModifyListenerAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Call, operation } from '../../../service.ts'
import { attributeResponse } from '../../attributes/attribute-set.ts'
import { changedListenerAttributes, listenerAttributes } from '../../attributes/listener-attributes.ts'
import { validationError } from '../../errors.ts'
import { pageOf } from '../../pages.ts'
import { listenerKind, loadBalancerKind, rowOf, rowsOf } from '../../references.ts'
import { listenerResponse } from '../../responses/listener.ts'
import { type ListenerRow, listeners } from '../../tables/index.ts'

const rowsAsked = (
  { LoadBalancerArn, ListenerArns }: DescribeListenersInput,
  { store, scope }: Call,
): readonly ListenerRow[] => {
  if ((LoadBalancerArn === undefined) === !ListenerArns?.length)
    throw validationError('You must specify either listener ARNs or a load balancer ARN')
  if (ListenerArns?.length) return rowsOf(store, scope, listenerKind, ListenerArns)
  const { id } = rowOf(store, scope, loadBalancerKind, LoadBalancerArn)
  return [...store.where(listeners, 'byLoadBalancer', id)]
}

const describeListeners = operation<DescribeListenersInput, DescribeListenersOutput>({
  name: 'DescribeListeners',
  effect: 'reads',
  resources: () => ['*'],
  handle: (input, call) => {
    const list = JSON.stringify(['Listeners', call.scope, input.LoadBalancerArn, input.ListenerArns])
    const { items, ...next } = pageOf(list, input, rowsAsked(input, call))
    return { Listeners: items.map(row => listenerResponse(row, call.store)), ...next }
  },
})

const describeListenerAttributes = operation<
  DescribeListenerAttributesInput,
  DescribeListenerAttributesOutput
>({
  name: 'DescribeListenerAttributes',
  effect: 'reads',
  resources: () => ['*'],
  handle: ({ ListenerArn }, { store, scope }) => {
    const row = rowOf(store, scope, listenerKind, ListenerArn)
    return { Attributes: attributeResponse(listenerAttributes(row)) }
  },
})

/** It answers with all attributes, not only with those that were changed. */
const modifyListenerAttributes = operation<ModifyListenerAttributesInput, ModifyListenerAttributesOutput>({
  name: 'ModifyListenerAttributes',
  effect: 'writes',
  resources: ({ ListenerArn = '' }) => [ListenerArn],
  handle: ({ ListenerArn, Attributes = [] }, { store, scope }) =>
    store.update(tx => {
      const row = rowOf(tx, scope, listenerKind, ListenerArn)
      const changed = { ...row, attributes: changedListenerAttributes(row, Attributes) }
      tx.put(listeners, changed)
      return { Attributes: attributeResponse(listenerAttributes(changed)) }
    }),
})

export const describeListenerOperations = [
  describeListeners,
  describeListenerAttributes,
  modifyListenerAttributes,
]
