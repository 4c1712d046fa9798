/** Where public addresses come from: of Elastic IP addresses, and of tasks. */
import { scopeOfArn } from '@berth/model'
import type { View } from '../../../store/view.ts'
import { type AddressRow, addresses, type NetworkInterfaceRow, publicRangeOf } from '../tables/index.ts'
import { lowestFree } from './address-set.ts'
import { formatIpv4, lastOf, parseBlock } from './cidr.ts'
import { offsetOf } from './free-address.ts'
import { addressKind, arnOf, beside, idOf, newId } from './kinds.ts'

export interface PublicAddressSettings {
  /** A block, /16 to /32, that the operator's network leads to the hosts. Absent: there is none. */
  readonly publicAddresses?: string | undefined
}

/** Of the range for benchmarks of networks, which nobody's host has: these addresses reach nothing. (RFC 2544) */
const unreachable = '198.18.0.0/16'

/** The lowest free one of the operator's block, else of the range that reaches nothing; undefined when none is free. */
export const nextPublicAddress = (
  view: View,
  { publicAddresses }: PublicAddressSettings,
): string | undefined => {
  const block = parseBlock(publicAddresses ?? unreachable)
  if (!block) throw new Error(`${publicAddresses} is no block of addresses`)
  const first = publicAddresses === undefined ? block.base + 1 : block.base
  const taken = view.total(addresses, 'pool', publicRangeOf(block.base))
  const offset = offsetOf(first)
  const found = first + (taken ? lowestFree(taken, offset) - offset : 0)
  return found <= lastOf(block) ? formatIpv4(found) : undefined
}

/** The public address of a task's interface: nobody has allocated it. */
export const taskAddress = (
  row: NetworkInterfaceRow,
  publicIp: string,
  randomHex: (bytes: number) => string,
): AddressRow => ({
  id: arnOf(addressKind, scopeOfArn(row.id), newId('eipalloc', randomHex)),
  publicIp,
  isOfTask: true,
  association: {
    associationId: newId('eipassoc', randomHex),
    networkInterfaceId: idOf(row),
    privateIp: row.privateIps[0] ?? '',
  },
  tags: [],
})

export const addressesOfInterface = (view: View, row: NetworkInterfaceRow): readonly AddressRow[] => [
  ...view.where(addresses, 'byInterface', beside(scopeOfArn(row.id), idOf(row))),
]
