import fc from 'fast-check'
import { expect, it } from 'vitest'
import { emptyAddressSet, giveBackAddress, hasAddress, lowestFree, takeAddress } from './address-set.ts'
import { parseBlock, parseIpv4, sizeOfBlock } from './cidr.ts'
import { availableAddresses, isUsable, nextFreeAddress, offsetOf } from './free-address.ts'

const small = parseBlock('10.1.255.240/28')!
const at = (text: string): number => parseIpv4(text)!

it('begins behind the four reserved addresses, and leaves the last one', () => {
  expect(nextFreeAddress(small, undefined, undefined)).toBe(at('10.1.255.244'))
  expect(isUsable(small, at('10.1.255.243'))).toBe(false)
  expect(isUsable(small, at('10.1.255.255'))).toBe(false)
  expect(availableAddresses(small, undefined)).toBe(11)
})

it('gives the next address rather than one that was just given back, and that one when no other is left', () => {
  const taken = emptyAddressSet()
  takeAddress(taken, offsetOf(at('10.1.255.244')))
  giveBackAddress(taken, offsetOf(at('10.1.255.244')))
  expect(nextFreeAddress(small, taken, at('10.1.255.244'))).toBe(at('10.1.255.245'))
  expect(nextFreeAddress(small, taken, at('10.1.255.254'))).toBe(at('10.1.255.244'))
})

it('gives every address once, and none when all are taken', () => {
  const block = parseBlock('172.31.16.0/20')!
  const taken = emptyAddressSet()
  let last: number | undefined
  for (let n = 0; n < sizeOfBlock(block) - 5; n++) {
    last = nextFreeAddress(block, taken, last)
    if (last === undefined || !isUsable(block, last)) throw new Error(`${last} is none of the subnet`)
    takeAddress(taken, offsetOf(last))
  }
  expect(availableAddresses(block, taken)).toBe(0)
  expect(nextFreeAddress(block, taken, last)).toBeUndefined()
  expect(nextFreeAddress(block, taken, undefined)).toBeUndefined()
})

it('never takes an address twice, nor gives a free one back', () => {
  const taken = emptyAddressSet()
  takeAddress(taken, 7)
  expect(() => takeAddress(taken, 7)).toThrow('taken already')
  expect(() => giveBackAddress(taken, 8)).toThrow('free already')
})

it('knows what a plain set knows, whatever was taken and given back', () => {
  const offsets = fc.oneof(fc.nat({ max: 70 }), fc.nat({ max: 2_100 }), fc.nat({ max: 65_535 }))
  const runs = fc.record({ from: offsets, length: fc.nat({ max: 1_200 }) })
  fc.assert(
    fc.property(fc.array(runs, { maxLength: 6 }), fc.array(offsets), offsets, (taking, givingBack, from) => {
      const set = emptyAddressSet()
      const model = new Set<number>()
      for (const run of taking)
        for (let offset = run.from; offset < run.from + run.length; offset++)
          if (!model.has(offset)) {
            takeAddress(set, offset)
            model.add(offset)
          }
      for (const offset of givingBack) if (model.delete(offset)) giveBackAddress(set, offset)
      let free = from
      while (model.has(free)) free++
      expect(lowestFree(set, from)).toBe(free)
      expect(set.count).toBe(model.size)
      for (const offset of givingBack) expect(hasAddress(set, offset)).toBe(model.has(offset))
      for (const offset of model) giveBackAddress(set, offset)
      expect(set).toEqual(emptyAddressSet())
    }),
  )
})
