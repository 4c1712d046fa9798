import type {
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancerAttributesOutput,
  ModifyLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { operation } from '../../../service.ts'
import { attributeResponse } from '../../attributes/attribute-set.ts'
import {
  changedLoadBalancerAttributes,
  loadBalancerAttributes,
} from '../../attributes/load-balancer-attributes.ts'
import { loadBalancerKind, rowOf } from '../../references.ts'
import { loadBalancers } from '../../tables/index.ts'

export const describeLoadBalancerAttributes = operation<
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancerAttributesOutput
>({
  name: 'DescribeLoadBalancerAttributes',
  effect: 'reads',
  resources: () => ['*'],
  handle: ({ LoadBalancerArn }, { store, scope }) => {
    const row = rowOf(store, scope, loadBalancerKind, LoadBalancerArn)
    return { Attributes: attributeResponse(loadBalancerAttributes(row)) }
  },
})

/** It answers with all attributes, not only with those that were changed. */
export const modifyLoadBalancerAttributes = operation<
  ModifyLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesOutput
>({
  name: 'ModifyLoadBalancerAttributes',
  effect: 'writes',
  resources: ({ LoadBalancerArn = '' }) => [LoadBalancerArn],
  handle: ({ LoadBalancerArn, Attributes = [] }, { store, scope }) =>
    store.update(tx => {
      const row = rowOf(tx, scope, loadBalancerKind, LoadBalancerArn)
      const changed = { ...row, attributes: changedLoadBalancerAttributes(row, Attributes) }
      tx.put(loadBalancers, changed)
      return { Attributes: attributeResponse(loadBalancerAttributes(changed)) }
    }),
})
