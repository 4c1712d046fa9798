import type {
  ListLoadBalancerAddressesRequest,
  ListLoadBalancerAddressesResponse,
  LoadBalancerAddress,
} from '@berth/client'
import { scopeKey } from '@berth/model'
import { openPage } from '../../ecs/index.ts'
import { type LoadBalancerRow, loadBalancers } from '../../elbv2/index.ts'
import { operation } from '../../service.ts'

const addressOf = ({ id, name, dnsName, state, carried }: LoadBalancerRow): LoadBalancerAddress => ({
  loadBalancerArn: id,
  loadBalancerName: name,
  dnsName,
  state: state.code,
  address: carried?.frontAddress,
  containerInstanceArn: carried?.containerInstanceArn,
})

/** For who does not ask Berth's resolver for their names. (docs/ingress.md) */
export const listLoadBalancerAddresses = operation<
  ListLoadBalancerAddressesRequest,
  ListLoadBalancerAddressesResponse
>({
  name: 'ListLoadBalancerAddresses',
  effect: 'reads',
  resources: () => ['*'],
  handle: (request, { store, scope }) => {
    const key = scopeKey(scope)
    const page = openPage(`ListLoadBalancerAddresses|${key}`, request)
    const { items, nextToken } = page.take(
      store.where(loadBalancers, 'byScope', key, page.after),
      ({ id }) => id,
    )
    return { loadBalancers: items.map(addressOf), nextToken }
  },
})
