/** Which address of a subnet is given next. */
import { type AddressSet, lowestFree } from './address-set.ts'
import { type Block, type Ipv4, lastOf, sizeOfBlock } from './cidr.ts'

/** The network's, the router's, the name server's, one for later, and the broadcast address. (AWS: "Subnet CIDR blocks") */
const reservedAtStart = 4
export const reservedAddresses = reservedAtStart + 1

export const firstUsable = ({ base }: Block): Ipv4 => base + reservedAtStart
export const lastUsable = (block: Block): Ipv4 => lastOf(block) - 1

export const isUsable = (block: Block, address: Ipv4): boolean =>
  address >= firstUsable(block) && address <= lastUsable(block)

export const availableAddresses = (block: Block, taken: Pick<AddressSet, 'count'> | undefined): number =>
  sizeOfBlock(block) - reservedAddresses - (taken?.count ?? 0)

/** Where a subnet's addresses stand in its set: no subnet has more than 65,536. */
export const offsetOf = (address: Ipv4): number => address & 0xffff

/**
 * The lowest free address behind the one that was given last, and from the subnet's start again when there is none: so
 * one that was given back is used again as late as can be. Undefined when the subnet is full.
 */
export const nextFreeAddress = (
  block: Block,
  taken: Pick<AddressSet, 'levels'> | undefined,
  last: Ipv4 | undefined,
): Ipv4 | undefined => {
  const freeFrom = (address: Ipv4): Ipv4 | undefined => {
    const offset = offsetOf(address)
    const found = address + (taken ? lowestFree(taken, offset) - offset : 0)
    return found <= lastUsable(block) ? found : undefined
  }
  const behindLast = last === undefined ? undefined : freeFrom(last + 1)
  return behindLast ?? freeFrom(firstUsable(block))
}
