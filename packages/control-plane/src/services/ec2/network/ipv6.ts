/** IPv6 addresses and blocks as numbers, and as texts in their one short form. Pure. */
import { isIPv6 } from 'node:net'

/** An address as a number from 0 to 2¹²⁸ − 1. */
export type Ipv6 = bigint

export interface Ipv6Block {
  readonly base: Ipv6
  readonly prefix: number
}

const allBits = 128
const sizeOf = ({ prefix }: Pick<Ipv6Block, 'prefix'>): bigint => 1n << BigInt(allBits - prefix)

/** Undefined when the text is no address, or one with a zone. */
export const parseIpv6 = (text: string): Ipv6 | undefined => {
  if (!isIPv6(text) || text.includes('%')) return undefined
  const [head = '', tail] = shortForm(text).split('::')
  const groups = (part: string | undefined): string[] => (part ? part.split(':') : [])
  const [before, after] = [groups(head), groups(tail)]
  const all = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after]
  return all.reduce((number, group) => number * 65_536n + BigInt(`0x${group}`), 0n)
}

/** The short form, which URLs give addresses. (RFC 5952) */
const shortForm = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1)

export const formatIpv6 = (address: Ipv6): string => {
  const digits = address.toString(16).padStart(allBits / 4, '0')
  return shortForm(digits.replace(/(.{4})(?!$)/g, '$1:'))
}

/** Bits behind the prefix are cleared. Undefined when the text is no block. */
export const parseIpv6Block = (text: string): Ipv6Block | undefined => {
  const [address = '', bits = '', ...rest] = text.split('/')
  const number = parseIpv6(address)
  if (number === undefined || rest.length > 0 || !/^(\d|[1-9]\d|1[01]\d|12[0-8])$/.test(bits))
    return undefined
  const prefix = Number(bits)
  return { base: number - (number % sizeOf({ prefix })), prefix }
}

export const formatIpv6Block = ({ base, prefix }: Ipv6Block): string => `${formatIpv6(base)}/${prefix}`

/** `2001:DB8::1/32` as `2001:db8::/32`; undefined when the text is no IPv6 block. */
export const canonicalIpv6Block = (text: string): string | undefined => {
  const block = parseIpv6Block(text)
  return block && formatIpv6Block(block)
}

export const lastOfIpv6 = (block: Ipv6Block): Ipv6 => block.base + sizeOf(block) - 1n

export const containsIpv6 = (outer: Ipv6Block, inner: Ipv6Block): boolean =>
  inner.base >= outer.base && lastOfIpv6(inner) <= lastOfIpv6(outer)

export const overlapIpv6 = (one: Ipv6Block, other: Ipv6Block): boolean =>
  containsIpv6(one, other) || containsIpv6(other, one)
