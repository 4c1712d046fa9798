/** Where route tables lead. Pure. */
import type { Scope } from '@berth/model'
import type { View } from '../../../store/view.ts'
import {
  egressOnlyInternetGateways,
  internetGateways,
  type NetworkAclRow,
  natGateways,
  networkAcls,
  networkInterfaces,
  type RouteEntry,
  type RouteTableRow,
  routeTables,
  type SubnetRow,
} from '../tables/index.ts'
import {
  arnOf,
  beside,
  egressOnlyGatewayKind,
  idOf,
  internetGatewayKind,
  natGatewayKind,
  networkInterfaceKind,
} from './kinds.ts'

/** A route whose target is gone, or attached to the VPC no more, leads nowhere. (AWS: Route, `state`) */
export const isActive = (view: View, scope: Scope, vpcId: string, { target }: RouteEntry): boolean => {
  if (target.kind === 'local') return true
  if (target.kind === 'internet-gateway')
    return view.get(internetGateways, arnOf(internetGatewayKind, scope, target.id))?.vpcId === vpcId
  if (target.kind === 'egress-only-gateway')
    return view.get(egressOnlyInternetGateways, arnOf(egressOnlyGatewayKind, scope, target.id)) !== undefined
  if (target.kind === 'network-interface')
    return view.get(networkInterfaces, arnOf(networkInterfaceKind, scope, target.id)) !== undefined
  const gateway = view.get(natGateways, arnOf(natGatewayKind, scope, target.id))
  return gateway !== undefined && gateway.deletedAt === undefined
}

/** The table of a subnet: its own, or the main one of its VPC. */
export const routeTableOf = (view: View, scope: Scope, subnet: SubnetRow): RouteTableRow | undefined => {
  const [own] = view.where(routeTables, 'bySubnet', beside(scope, idOf(subnet)))
  const [main] = own ? [own] : view.where(routeTables, 'mainOfVpc', beside(scope, subnet.vpcId))
  return main
}

/** Every address outside of the VPC. */
const anywhere = { ipv4: '0.0.0.0/0', ipv6: '::/0' } as const

/** What the route to everywhere leads to, where it leads anywhere. */
const targetToAnywhere = (view: View, scope: Scope, subnet: SubnetRow, family: keyof typeof anywhere) => {
  const route = routeTableOf(view, scope, subnet)?.routes.find(
    ({ destination }) => destination.kind === family && destination.cidr === anywhere[family],
  )
  return route && isActive(view, scope, subnet.vpcId, route) ? route.target.kind : undefined
}

/** Where a subnet's packets for what is in no VPC go: by the route to everywhere. */
export const wayOut = (
  view: View,
  scope: Scope,
  subnet: SubnetRow,
): 'none' | 'nat-gateway' | 'internet-gateway' => {
  const kind = targetToAnywhere(view, scope, subnet, 'ipv4')
  return kind === 'internet-gateway' || kind === 'nat-gateway' ? kind : 'none'
}

/** The same of IPv6; undefined: nowhere. */
export const wayOutOfIpv6 = (
  view: View,
  scope: Scope,
  subnet: SubnetRow,
): 'internet-gateway' | 'egress-only-gateway' | undefined => {
  const kind = targetToAnywhere(view, scope, subnet, 'ipv6')
  return kind === 'internet-gateway' || kind === 'egress-only-gateway' ? kind : undefined
}

export const networkAclOf = (view: View, scope: Scope, subnetId: string): NetworkAclRow | undefined => {
  const [acl] = view.where(networkAcls, 'bySubnet', beside(scope, subnetId))
  return acl
}
