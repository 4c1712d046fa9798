/** IPv4 addresses and blocks as numbers. Pure. */

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
