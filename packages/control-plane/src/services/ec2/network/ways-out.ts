/** Where route tables lead. Pure. */
import type { Scope } from '@berth/model'
import type { View } from '../../../store/view.ts'
import {
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
import { arnOf, beside, idOf, internetGatewayKind, natGatewayKind, networkInterfaceKind } from './kinds.ts'

/** A route whose target is gone, or attached to the VPC no more, leads nowhere. (AWS: Route, `state`) */
export const isActive = (view: View, scope: Scope, vpcId: string, { target }: RouteEntry): boolean => {
  if (target.kind === 'local') return true
  if (target.kind === 'internet-gateway')
    return view.get(internetGateways, arnOf(internetGatewayKind, scope, target.id))?.vpcId === vpcId
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
const anywhere = '0.0.0.0/0'

/** Where a subnet's packets for what is in no VPC go: by the route to everywhere. */
export const wayOut = (
  view: View,
  scope: Scope,
  subnet: SubnetRow,
): 'none' | 'nat-gateway' | 'internet-gateway' => {
  const table = routeTableOf(view, scope, subnet)
  const route = table?.routes.find(
    ({ destination }) => destination.kind === 'ipv4' && destination.cidr === anywhere,
  )
  if (!route || !isActive(view, scope, subnet.vpcId, route)) return 'none'
  const { kind } = route.target
  return kind === 'internet-gateway' || kind === 'nat-gateway' ? kind : 'none'
}

export const networkAclOf = (view: View, scope: Scope, subnetId: string): NetworkAclRow | undefined => {
  const [acl] = view.where(networkAcls, 'bySubnet', beside(scope, subnetId))
  return acl
}
