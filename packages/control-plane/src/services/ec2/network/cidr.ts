/** IPv4 addresses and blocks as numbers, and IPv6 ones as texts in their one short form. Pure. */
import { isIPv6 } from 'node:net'

/** An address as a number from 0 to 2³² − 1. */
export type Ipv4 = number

export interface Block {
  readonly base: Ipv4
  readonly prefix: number
}

const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const ipv4Pattern = new RegExp(`^${octet}\\.${octet}\\.${octet}\\.${octet}$`)
const mostBits = 32

/** Undefined when the text is no address in dotted decimals. */
export const parseIpv4 = (text: string): Ipv4 | undefined =>
  ipv4Pattern
    .exec(text)
    ?.slice(1)
    .reduce((number, part) => number * 256 + Number(part), 0)

export const formatIpv4 = (address: Ipv4): string =>
  [24, 16, 8, 0].map(shift => (address >>> shift) & 255).join('.')

/** How many addresses a block has. */
export const sizeOfBlock = ({ prefix }: Pick<Block, 'prefix'>): number => 2 ** (mostBits - prefix)

export const lastOf = (block: Block): Ipv4 => block.base + sizeOfBlock(block) - 1

/** Bits behind the prefix are cleared, as EC2 does: `100.68.0.18/18` is `100.68.0.0/18`. (AWS: CreateVpc, `CidrBlock`) */
export const parseBlock = (text: string): Block | undefined => {
  const [address = '', bits = '', ...rest] = text.split('/')
  const base = parseIpv4(address)
  if (base === undefined || rest.length > 0 || !/^([12]?\d|3[0-2])$/.test(bits)) return undefined
  const prefix = Number(bits)
  return { base: base - (base % sizeOfBlock({ prefix })), prefix }
}

export const formatBlock = ({ base, prefix }: Block): string => `${formatIpv4(base)}/${prefix}`

export const contains = (outer: Block, inner: Block): boolean =>
  inner.base >= outer.base && lastOf(inner) <= lastOf(outer)

/** Of two blocks, one holds the other or they have nothing in common. */
export const overlap = (one: Block, other: Block): boolean => contains(one, other) || contains(other, one)

/** `2001:DB8::1/32` as `2001:db8::/32`; undefined when the text is no IPv6 block. */
export const canonicalIpv6Block = (text: string): string | undefined => {
  const [address = '', bits = '', ...rest] = text.split('/')
  if (
    !isIPv6(address) ||
    address.includes('%') ||
    rest.length > 0 ||
    !/^(\d|[1-9]\d|1[01]\d|12[0-8])$/.test(bits)
  )
    return undefined
  const host = BigInt(128 - Number(bits))
  const value = (ipv6Number(address) >> host) << host
  return `${shortIpv6(
    value
      .toString(16)
      .padStart(32, '0')
      .replace(/(.{4})(?!$)/g, '$1:'),
  )}/${bits}`
}

/** The shortest form, which URLs give addresses. */
const shortIpv6 = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1)

const ipv6Number = (address: string): bigint => {
  const [head = '', tail] = shortIpv6(address).split('::')
  const groups = (text: string | undefined): string[] => (text ? text.split(':') : [])
  const [before, after] = [groups(head), groups(tail)]
  const all = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after]
  return all.reduce((number, group) => number * 65_536n + BigInt(`0x${group}`), 0n)
}
