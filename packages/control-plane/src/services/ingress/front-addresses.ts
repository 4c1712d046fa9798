/** The addresses on which load balancers listen: each has one of the operator's, and no other one has it. Pure. */
import { type Block, formatIpv4, parseBlock, sizeOfBlock } from '../ec2/index.ts'

/** `127.10.0.0/16,10.1.0.0/28`; undefined when one of them is no block. */
export const parseFrontAddresses = (text: string): readonly Block[] | undefined => {
  const blocks: Block[] = []
  for (const part of text.split(',').map(one => one.trim())) {
    if (part === '') continue
    const block = parseBlock(part)
    if (block === undefined) return undefined
    blocks.push(block)
  }
  return blocks
}

/** Without the network's own address and the broadcast address, where a block is large enough to have them. */
const usable = (block: Block): { readonly first: number; readonly count: number } =>
  block.prefix < 31
    ? { first: block.base + 1, count: sizeOfBlock(block) - 2 }
    : { first: block.base, count: sizeOfBlock(block) }

/**
 * One that is free, looked for from a place that `seed` (hexadecimal digits) says: so that one that was given back is hardly
 * ever the next one given, while names may still lead to it. Undefined when none is left.
 */
export const freeFrontAddress = (
  pool: readonly Block[],
  seed: string,
  isTaken: (address: string) => boolean,
): string | undefined => {
  const parts = pool.map(usable)
  const total = parts.reduce((sum, { count }) => sum + count, 0)
  const start = total === 0 ? 0 : Number.parseInt(seed.slice(-8), 16) % total
  for (let tried = 0; tried < total; tried++) {
    const address = formatIpv4(nth(parts, (start + tried) % total))
    if (!isTaken(address)) return address
  }
  return undefined
}

const nth = (parts: readonly ReturnType<typeof usable>[], index: number): number => {
  let left = index
  for (const { first, count } of parts) {
    if (left < count) return first + left
    left -= count
  }
  throw new Error(`There is no address ${index}`)
}
