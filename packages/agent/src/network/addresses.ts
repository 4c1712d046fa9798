/** Arithmetic of addresses and blocks. Pure. */
import { BlockList, isIPv6, SocketAddress } from 'node:net'

const octets = 4
const octet = 256

const numberOf = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * octet + Number(part), 0)

const textOf = (value: number): string =>
  Array.from(
    { length: octets },
    (_, index) => Math.floor(value / octet ** (octets - 1 - index)) % octet,
  ).join('.')

export const baseOf = (block: string): string => block.split('/')[0] ?? block

export const prefixLengthOf = (block: string): number => Number(block.split('/')[1])

/** The address so far behind the first of an IPv4 block, as text. */
export const addressAt = (block: string, offset: number): string => textOf(numberOf(baseOf(block)) + offset)

/** (AWS: "Subnet CIDR blocks": the second address of a subnet is the VPC router's, the third Amazon DNS's.) */
export const gatewayOf = (subnetBlock: string): string => addressAt(subnetBlock, 1)
export const resolverOf = (vpcBlock: string): string => addressAt(vpcBlock, 2)

/** The block that an IPv4 address with the length of a prefix is in. */
export const blockOf = (address: string): string => {
  const length = prefixLengthOf(address)
  const size = 2 ** (octets * 8 - length)
  return `${textOf(Math.floor(numberOf(baseOf(address)) / size) * size)}/${length}`
}

/** As `ip` prints it. (RFC 5952) */
export const shortIpv6 = (address: string): string => new SocketAddress({ address, family: 'ipv6' }).address

const ipv6Groups = 8
const groupsOfSubnet = 4

/** A /64, whatever block the subnet has: the official agent is not told of it either, and says so of interfaces of both families. */
export const ipv6SubnetOf = (address: string): string => {
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail ? tail.split(':') : []
  const zeros = Array.from({ length: ipv6Groups - before.length - after.length }, () => '0')
  const network = [...before, ...zeros, ...after].slice(0, groupsOfSubnet)
  return `${shortIpv6(`${network.join(':')}::`)}/64`
}

/** Blocks of one family without those that lie within another: nftables refuses overlapping intervals. */
export const outermost = (blocks: readonly string[]): string[] => {
  const kept = new BlockList()
  const widestFirst = [...new Set(blocks)].toSorted(
    (left, right) => prefixLengthOf(left) - prefixLengthOf(right) || (left < right ? -1 : 1),
  )
  return widestFirst.filter(block => {
    const family = isIPv6(baseOf(block)) ? 'ipv6' : 'ipv4'
    if (kept.check(baseOf(block), family)) return false
    kept.addSubnet(baseOf(block), prefixLengthOf(block), family)
    return true
  })
}

export const isOfIpv6 = (block: string): boolean => isIPv6(baseOf(block))
