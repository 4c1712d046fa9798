import type {
  AssignIpv6AddressesRequest,
  AssignIpv6AddressesResult,
  CreateNetworkInterfaceRequest,
  UnassignIpv6AddressesRequest,
  UnassignIpv6AddressesResult,
} from '@aws-sdk/client-ec2'
import type { Transaction, View } from '../../../../store/view.ts'
import type { Call } from '../../../service.ts'
import { ec2Error, invalidParameterValue, missingParameter } from '../../errors.ts'
import { checkIpv6Count, giveIpv6Addresses } from '../../network/give-ipv6-address.ts'
import { formatIpv6, parseIpv6 } from '../../network/ipv6.ts'
import { arnOf, networkInterfaceKind, rowOf, subnetKind } from '../../network/kinds.ts'
import { refuseManaged } from '../../network/managed-interfaces.ts'
import { changing, onOne } from '../../network/operations.ts'
import { networkInterfaces, type SubnetRow, subnets } from '../../tables/index.ts'

interface Wanted {
  readonly addresses: readonly string[]
  readonly count: number | undefined
}

const checkWanted = ({ addresses, count = 0 }: Wanted): void => {
  if (addresses.length > 0 && count > 0)
    throw ec2Error(
      'InvalidParameterCombination',
      'The IPv6 addresses of the network interface are specified in more than one way.',
    )
  if (count < 0) throw invalidParameterValue(`Value (${count}) for parameter ipv6AddressCount is invalid.`)
  checkIpv6Count(addresses.length + count)
}

/** Those of a new interface: one by itself where its subnet gives it. (AWS: CreateNetworkInterface, `Ipv6AddressCount`) */
export const ipv6OfNewInterface = (
  tx: Transaction,
  call: Call,
  { id, assignsIpv6 }: SubnetRow,
  { Ipv6Addresses = [], Ipv6AddressCount }: CreateNetworkInterfaceRequest,
): readonly string[] => {
  if (Ipv6Addresses.some(({ IsPrimaryIpv6 }) => IsPrimaryIpv6))
    throw ec2Error('UnsupportedOperation', 'IsPrimaryIpv6 is not supported by Berth yet.')
  const addresses = Ipv6Addresses.flatMap(({ Ipv6Address }) => Ipv6Address ?? [])
  checkWanted({ addresses, count: Ipv6AddressCount })
  const count = Ipv6AddressCount ?? (assignsIpv6 && addresses.length === 0 ? 1 : 0)
  return giveIpv6Addresses(tx, call, subnetOf(tx, id), addresses, count)
}

/** As it is by now: what its addresses of IPv4 took has changed it. */
const subnetOf = (view: View, id: string): SubnetRow => {
  const subnet = view.get(subnets, id)
  if (!subnet) throw new Error(`There is no subnet ${id}`)
  return subnet
}

const assign = changing<AssignIpv6AddressesRequest, AssignIpv6AddressesResult>({
  name: 'AssignIpv6Addresses',
  takes: ['NetworkInterfaceId', 'Ipv6Addresses', 'Ipv6AddressCount'],
  resources: onOne(networkInterfaceKind, ({ NetworkInterfaceId }) => NetworkInterfaceId),
  change: (tx, { NetworkInterfaceId, Ipv6Addresses = [], Ipv6AddressCount }, call) => {
    const row = rowOf(tx, call.scope, networkInterfaceKind, NetworkInterfaceId, 'networkInterfaceId')
    refuseManaged(row)
    const { ipv6Addresses = [] } = row
    // What it has already is assigned again without a word.
    const addresses = Ipv6Addresses.filter(text => !ipv6Addresses.includes(shortOf(text)))
    checkWanted({ addresses, count: Ipv6AddressCount })
    if (Ipv6Addresses.length === 0 && !Ipv6AddressCount)
      throw missingParameter('ipv6Addresses or ipv6AddressCount')
    const subnet = subnetOf(tx, arnOf(subnetKind, call.scope, row.subnetId))
    const given = giveIpv6Addresses(tx, call, subnet, addresses, Ipv6AddressCount ?? 0)
    checkIpv6Count(ipv6Addresses.length + given.length)
    tx.put(networkInterfaces, { ...row, ipv6Addresses: [...ipv6Addresses, ...given] })
    return { NetworkInterfaceId, AssignedIpv6Addresses: given }
  },
})

const shortOf = (text: string): string => {
  const address = parseIpv6(text)
  if (address === undefined) throw invalidParameterValue(`Invalid IPv6 address: ${text}`)
  return formatIpv6(address)
}

const unassign = changing<UnassignIpv6AddressesRequest, UnassignIpv6AddressesResult>({
  name: 'UnassignIpv6Addresses',
  takes: ['NetworkInterfaceId', 'Ipv6Addresses'],
  effect: 'frees',
  resources: onOne(networkInterfaceKind, ({ NetworkInterfaceId }) => NetworkInterfaceId),
  change: (tx, { NetworkInterfaceId, Ipv6Addresses = [] }, { scope }) => {
    const row = rowOf(tx, scope, networkInterfaceKind, NetworkInterfaceId, 'networkInterfaceId')
    refuseManaged(row)
    if (Ipv6Addresses.length === 0) throw missingParameter('ipv6Addresses')
    const { ipv6Addresses = [] } = row
    const gone = new Set(Ipv6Addresses.map(shortOf))
    for (const address of gone)
      if (!ipv6Addresses.includes(address))
        throw invalidParameterValue(
          `The IPv6 address ${address} is not assigned to the network interface ${NetworkInterfaceId}.`,
        )
    tx.put(networkInterfaces, {
      ...row,
      ipv6Addresses: ipv6Addresses.filter(address => !gone.has(address)),
    })
    return { NetworkInterfaceId, UnassignedIpv6Addresses: [...gone] }
  },
})

export const ipv6AddressOperations = [assign, unassign]
