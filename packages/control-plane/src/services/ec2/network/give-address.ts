import type { Transaction } from '../../../store/view.ts'
import type { Call } from '../../service.ts'
import { ec2Error, invalidParameterValue } from '../errors.ts'
import { type SubnetRow, subnets } from '../tables/index.ts'
import { hasAddress } from './address-set.ts'
import { contains, formatIpv4, parseIpv4 } from './cidr.ts'
import { isUsable, nextFreeAddress, offsetOf } from './free-address.ts'
import { blockOf, takenOf } from './managed-interfaces.ts'

/** Free addresses of a subnet: those that are wanted, and `count` others. The caller's row takes them. */
export const giveAddresses = (
  tx: Transaction,
  { scope }: Pick<Call, 'scope'>,
  subnet: SubnetRow,
  wanted: readonly string[],
  count: number,
): string[] => {
  const block = blockOf(subnet)
  const taken = takenOf(tx, scope, subnet)
  const given: number[] = []
  for (const text of wanted) {
    const address = parseIpv4(text)
    if (address === undefined) throw invalidParameterValue(`Invalid IPv4 address: ${text}`)
    if (!contains(block, { base: address, prefix: 32 }))
      throw invalidParameterValue("Address does not fall within the subnet's address range")
    if (!isUsable(block, address))
      throw invalidParameterValue("Address is in subnet's reserved address range")
    if (given.includes(address) || (taken && hasAddress(taken, offsetOf(address))))
      throw ec2Error('InvalidIPAddress.InUse', `Address ${text} is in use.`)
    given.push(address)
  }
  let last = subnet.lastGiven === undefined ? undefined : parseIpv4(subnet.lastGiven)
  for (let n = 0; n < count; n++) {
    let next = nextFreeAddress(block, taken, last)
    // One that the request names is as good as taken.
    while (next !== undefined && wanted.includes(formatIpv4(next))) next = nextFreeAddress(block, taken, next)
    if (next === undefined || given.includes(next))
      throw ec2Error(
        'InsufficientFreeAddressesInSubnet',
        'The specified subnet does not have enough free addresses to satisfy the request.',
      )
    given.push(next)
    last = next
  }
  if (count > 0 && last !== undefined) tx.put(subnets, { ...subnet, lastGiven: formatIpv4(last) })
  return given.map(formatIpv4)
}
