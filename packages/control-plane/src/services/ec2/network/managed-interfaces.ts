/** What services that use networks ask of them. Pure: what it decides, the caller writes. */
import type { Tag } from '@aws-sdk/client-ecs'
import type { Scope } from '@berth/model'
import type { Millis } from '../../../store/table.ts'
import type { View } from '../../../store/view.ts'
import { ec2Error } from '../errors.ts'
import {
  type InterfaceHolder,
  type NetworkInterfaceRow,
  networkInterfaces,
  type SubnetRow,
  vpcs,
} from '../tables/index.ts'
import { type AddressSet, hasAddress } from './address-set.ts'
import { type Block, formatIpv4, parseBlock, parseIpv4 } from './cidr.ts'
import { isUsable, nextFreeAddress, offsetOf } from './free-address.ts'
import { arnOf, beside, idOf, networkInterfaceKind, newId, vpcKind } from './kinds.ts'
import { macAddressOf } from './mac-address.ts'

export const blockOf = (subnet: SubnetRow): Block => {
  const block = parseBlock(subnet.cidr)
  if (!block) throw new Error(`The subnet ${subnet.id} has no block`)
  return block
}

export const takenOf = (view: View, scope: Scope, subnet: SubnetRow): Readonly<AddressSet> | undefined =>
  view.total(networkInterfaces, 'addresses', beside(scope, idOf(subnet)))

/** Undefined when the subnet is full. Who takes it writes it as the subnet's `lastGiven`, too. */
export const nextAddress = (view: View, scope: Scope, subnet: SubnetRow): string | undefined => {
  const last = subnet.lastGiven === undefined ? undefined : parseIpv4(subnet.lastGiven)
  const next = nextFreeAddress(blockOf(subnet), takenOf(view, scope, subnet), last)
  return next === undefined ? undefined : formatIpv4(next)
}

/** Whether an interface of the subnet may have it: it is neither reserved nor taken. */
export const isFreeAddress = (view: View, scope: Scope, subnet: SubnetRow, text: string): boolean => {
  const address = parseIpv4(text)
  if (address === undefined || !isUsable(blockOf(subnet), address)) return false
  const taken = takenOf(view, scope, subnet)
  return !(taken && hasAddress(taken, offsetOf(address)))
}

/** `eni-0123…` */
export const networkInterfaceIdOf = (row: NetworkInterfaceRow): string => idOf(row)

/** `10.0.0.1/24`: the router's address, the first behind the network's. (AWS: "Subnet CIDR blocks") */
export const gatewayOf = (subnet: SubnetRow): string => {
  const { base, prefix } = blockOf(subnet)
  return `${formatIpv4(base + 1)}/${prefix}`
}

/** The router's link-local address, which is the same in every subnet. */
export const routerOfIpv6 = 'fe80::1/64'

/** Throws AuthFailure. (AWS: "Requester-managed network interfaces") */
export const refuseManaged = ({ holder }: NetworkInterfaceRow): void => {
  if (holder) throw ec2Error('AuthFailure', 'You do not have permission to access the specified resource.')
}

/** The address behind the router's; none of a VPC without DNS support. (AWS: "DNS attributes for your VPC") */
export const nameServersOf = (view: View, scope: Scope, vpcId: string): readonly string[] => {
  const vpc = view.get(vpcs, arnOf(vpcKind, scope, vpcId))
  const block = vpc?.enableDnsSupport ? parseBlock(vpc.blocks[0]?.cidr ?? '') : undefined
  return block ? [formatIpv4(block.base + 2)] : []
}

interface ManagedInterface {
  readonly subnet: SubnetRow
  readonly address: string
  readonly ipv6Address?: string | undefined
  readonly groupIds: readonly string[]
  readonly description: string
  /** The service that made it, and alone may change and delete it. */
  readonly requesterId: string
  readonly holder: InterfaceHolder
  readonly containerInstanceArn: string | undefined
  readonly attachedAt: Millis
  /** Absent where the instance is not to be shown. */
  readonly instanceId: string | undefined
  readonly sharesHostAddress?: true | undefined
  readonly tags: readonly Tag[]
}

export const managedInterface = (
  scope: Scope,
  { subnet, address, ipv6Address, attachedAt, instanceId, ...rest }: ManagedInterface,
  randomHex: (bytes: number) => string,
): NetworkInterfaceRow => ({
  id: arnOf(networkInterfaceKind, scope, newId('eni', randomHex)),
  vpcId: subnet.vpcId,
  subnetId: idOf(subnet),
  availabilityZone: subnet.availabilityZone,
  interfaceType: 'interface',
  privateIps: [address],
  ...(ipv6Address !== undefined && { ipv6Addresses: [ipv6Address] }),
  macAddress: macAddressOf(randomHex),
  sourceDestCheck: true,
  attachment: {
    attachmentId: newId('eni-attach', randomHex),
    attachedAt,
    ...(instanceId !== undefined && { instanceId }),
  },
  ...rest,
})
