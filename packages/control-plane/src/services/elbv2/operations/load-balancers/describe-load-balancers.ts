import type {
  DescribeLoadBalancersInput,
  DescribeLoadBalancersOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { scopeKey } from '@berth/model'
import { type Call, operation } from '../../../service.ts'
import { elbError, validationError } from '../../errors.ts'
import { pageOf } from '../../pages.ts'
import { loadBalancerKind, rowsOf } from '../../references.ts'
import { loadBalancerResponse } from '../../responses/load-balancer.ts'
import { type LoadBalancerRow, loadBalancers } from '../../tables/index.ts'

const namedRows = ({ store, scope }: Call, names: readonly string[]): LoadBalancerRow[] =>
  names.flatMap(name => {
    const found = [...store.where(loadBalancers, 'byName', `${scopeKey(scope)}|${name}`)]
    if (found.length === 0) throw elbError('LoadBalancerNotFound', `Load balancers '[${name}]' not found`)
    return found
  })

const rowsAsked = (
  { LoadBalancerArns, Names }: DescribeLoadBalancersInput,
  call: Call,
): readonly LoadBalancerRow[] => {
  const { store, scope } = call
  if (LoadBalancerArns?.length && Names?.length)
    throw validationError('Load balancer names and load balancer ARNs cannot be specified at the same time')
  if (LoadBalancerArns?.length) return rowsOf(store, scope, loadBalancerKind, LoadBalancerArns)
  return Names?.length ? namedRows(call, Names) : [...store.where(loadBalancers, 'byScope', scopeKey(scope))]
}

export const describeLoadBalancers = operation<DescribeLoadBalancersInput, DescribeLoadBalancersOutput>({
  name: 'DescribeLoadBalancers',
  effect: 'reads',
  resources: () => ['*'],
  handle: (input, call) => {
    const list = JSON.stringify(['LoadBalancers', call.scope, input.LoadBalancerArns, input.Names])
    const { items, ...next } = pageOf(list, input, rowsAsked(input, call))
    return { LoadBalancers: items.map(row => loadBalancerResponse(row, call.store, call.scope)), ...next }
  },
})
