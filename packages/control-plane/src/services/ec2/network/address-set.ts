/**
 * Which of a subnet's addresses are taken, as bits in words of 32, and above them which words are full: to find a free
 * one, to take one and to give one back each cost as many steps as there are levels. Plain data, and as large as what is
 * taken: an aggregate of network interfaces keeps one for each subnet.
 */
export interface AddressSet {
  count: number
  /** By level: words by their number; of the lowest, a bit is an address, above it a full word of the level below. */
  readonly levels: readonly Map<number, number>[]
}

const bitsOfWord = 5
/** 32⁴ offsets: more than the 65,536 addresses of the largest subnet. */
const levelCount = 4
const full = -1

export const emptyAddressSet = (): AddressSet => ({
  count: 0,
  levels: Array.from({ length: levelCount }, () => new Map<number, number>()),
})

const bitOf = (offset: number): number => 1 << (offset & 31)

export const hasAddress = ({ levels: [lowest] }: Pick<AddressSet, 'levels'>, offset: number): boolean =>
  ((lowest?.get(offset >>> bitsOfWord) ?? 0) & bitOf(offset)) !== 0

/** Throws when it is taken: an address is never given twice. */
export const takeAddress = (set: AddressSet, offset: number): void => {
  if (hasAddress(set, offset)) throw new Error(`The address at ${offset} is taken already`)
  set.count++
  let number = offset
  for (const level of set.levels) {
    const word = (level.get(number >>> bitsOfWord) ?? 0) | bitOf(number)
    level.set(number >>> bitsOfWord, word)
    if (word !== full) return
    number >>>= bitsOfWord
  }
}

export const giveBackAddress = (set: AddressSet, offset: number): void => {
  if (!hasAddress(set, offset)) throw new Error(`The address at ${offset} is free already`)
  set.count--
  let number = offset
  for (const level of set.levels) {
    const before = level.get(number >>> bitsOfWord) ?? 0
    const word = before & ~bitOf(number)
    if (word === 0) level.delete(number >>> bitsOfWord)
    else level.set(number >>> bitsOfWord, word)
    if (before !== full) return
    number >>>= bitsOfWord
  }
}

/** The lowest free offset from `from` on; it may lie behind what the subnet has. */
export const lowestFree = ({ levels }: Pick<AddressSet, 'levels'>, from: number): number => {
  let number = from
  let level = 0
  while (level < levels.length) {
    const word = levels[level]?.get(number >>> bitsOfWord) ?? 0
    // The bits from this one on that are not set.
    const free = ~word & (full << (number & 31))
    if (free === 0) {
      number = (number >>> bitsOfWord) + 1
      level++
    } else {
      number = ((number >>> bitsOfWord) << bitsOfWord) + lowestBit(free)
      if (level === 0) return number
      level--
      number <<= bitsOfWord
    }
  }
  return number << (bitsOfWord * levels.length)
}

const lowestBit = (word: number): number => 31 - Math.clz32(word & -word)
