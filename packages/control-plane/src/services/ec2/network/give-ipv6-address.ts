import type { Scope } from '@berth/model'
import type { Transaction, View } from '../../../store/view.ts'
import type { Call } from '../../service.ts'
import { ec2Error, invalidParameterValue } from '../errors.ts'
import { networkInterfaces, type SubnetRow, subnets } from '../tables/index.ts'
import { formatIpv6, type Ipv6, type Ipv6Block, lastOfIpv6, parseIpv6, parseIpv6Block } from './ipv6.ts'
import { beside, idOf } from './kinds.ts'

/** "The first four IPv6 addresses and the last IPv6 address in each subnet are not available" (AWS: "Subnet CIDR blocks") */
const reservedAtStart = 4n

const blockOf = (subnet: SubnetRow): Ipv6Block | undefined =>
  subnet.ipv6Block && parseIpv6Block(subnet.ipv6Block.cidr)

const isTaken = (view: View, scope: Scope, { vpcId }: SubnetRow, address: string): boolean =>
  view.count(networkInterfaces, 'byAddress', beside(scope, `${vpcId}/${address}`)) > 0

/** The one behind it is free: none that was given before is given again, as there are 2⁶⁴ of them. */
const nextOf = (view: View, scope: Scope, subnet: SubnetRow, block: Ipv6Block): string => {
  const last = parseIpv6(subnet.ipv6Block?.lastGiven ?? '')
  let next: Ipv6 = last === undefined ? block.base + reservedAtStart : last + 1n
  while (isTaken(view, scope, subnet, formatIpv6(next))) next++
  return formatIpv6(next)
}

/** Undefined when the subnet has no IPv6 block. Who takes it writes `withLastGivenIpv6`, too. */
export const nextIpv6Address = (view: View, scope: Scope, subnet: SubnetRow): string | undefined => {
  const block = blockOf(subnet)
  return block && nextOf(view, scope, subnet, block)
}

export const withLastGivenIpv6 = (subnet: SubnetRow, lastGiven: string | undefined): SubnetRow =>
  subnet.ipv6Block && lastGiven !== undefined
    ? { ...subnet, ipv6Block: { ...subnet.ipv6Block, lastGiven } }
    : subnet

/** As many as the largest types of instances have of one family. (AWS: "Maximum IP addresses per network interface") */
const mostAddresses = 50

export const checkIpv6Count = (count: number): void => {
  if (count > mostAddresses)
    throw ec2Error(
      'PrivateIpAddressLimitExceeded',
      `A network interface has up to ${mostAddresses} IPv6 addresses.`,
    )
}

const checkWanted = (block: Ipv6Block, text: string): string => {
  const address = parseIpv6(text)
  if (address === undefined) throw invalidParameterValue(`Invalid IPv6 address: ${text}`)
  if (address < block.base || address > lastOfIpv6(block))
    throw invalidParameterValue("Address does not fall within the subnet's address range")
  if (address < block.base + reservedAtStart || address === lastOfIpv6(block))
    throw invalidParameterValue("Address is in subnet's reserved address range")
  return formatIpv6(address)
}

/** Free addresses of a subnet: those that are wanted, or `count` others. The caller's row takes them. */
export const giveIpv6Addresses = (
  tx: Transaction,
  { scope }: Pick<Call, 'scope'>,
  subnet: SubnetRow,
  wanted: readonly string[],
  count: number,
): string[] => {
  if (wanted.length === 0 && count === 0) return []
  const block = blockOf(subnet)
  if (!block)
    throw invalidParameterValue(`The subnet '${idOf(subnet)}' has no IPv6 CIDR block associated with it.`)
  const given: string[] = []
  for (const text of wanted) {
    const address = checkWanted(block, text)
    if (given.includes(address) || isTaken(tx, scope, subnet, address))
      throw ec2Error('InvalidIPAddress.InUse', `Address ${text} is in use.`)
    given.push(address)
  }
  let behind = subnet
  for (let n = 0; n < count; n++) {
    const next = nextOf(tx, scope, behind, block)
    given.push(next)
    behind = withLastGivenIpv6(behind, next)
  }
  if (behind !== subnet) tx.put(subnets, behind)
  return given
}
