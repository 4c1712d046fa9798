import { expect, test } from 'vitest'
import { readForm } from './from-form.ts'
import { readDocument } from './from-json.ts'
import { InputFault } from './input-fault.ts'
import { isStructure, ShapeCompiler } from './shape.ts'

const number = 1
const list = 64
const names = ['count', 'counts', 'share', 'size']
const schema = [3, 'test', 'Sizes', 0, names, [number, list | number, number, number]]
const numberMembers = { doubles: { Sizes: ['share'] }, longs: { Sizes: ['size'] } }

const shapeWith = (tables: { numberMembers?: typeof numberMembers }) => {
  const shape = new ShapeCompiler({}, { enumMembers: {}, ...tables }).compile(schema)
  if (!isStructure(shape)) throw new Error('not a structure')
  return shape
}
const strict = shapeWith({ numberMembers })

const refusal = (read: () => object): string => {
  try {
    read()
  } catch (fault) {
    if (fault instanceof InputFault) return fault.message
    throw fault
  }
  return 'accepted'
}
const json = (document: object) => refusal(() => readDocument(strict, document))
const form = (...fields: [string, string][]) => refusal(() => readForm(strict, new Map(fields)))

test('an integer has no fraction and 32 bits', () => {
  expect(json({ count: 1, counts: [2 ** 31 - 1, -(2 ** 31)] })).toBe('accepted')
  expect(json({ count: 1.5 })).toBe('NUMBER_VALUE can not be converted to an Integer')
  expect(json({ count: 2 ** 31 })).toBe('NUMBER_VALUE can not be converted to an Integer')
  expect(json({ counts: [1, 1.5] })).toBe('NUMBER_VALUE can not be converted to an Integer')
  expect(form(['count', '1'])).toBe('accepted')
  expect(form(['count', '1.5'])).toBe("'1.5' can not be converted to an Integer")
  expect(form(['counts.member.1', '2147483648'])).toBe("'2147483648' can not be converted to an Integer")
})

test('a long is an integer of more bits, and a double has a fraction', () => {
  expect(json({ size: 2 ** 40, share: 12.5 })).toBe('accepted')
  expect(json({ size: 0.5 })).toBe('NUMBER_VALUE can not be converted to a Long')
  expect(form(['size', '0.5'], ['share', '12.5'])).toBe("'0.5' can not be converted to a Long")
})

test('where a service does not tell them apart, every number passes', () => {
  expect(readDocument(shapeWith({}), { count: 1.5 })).toEqual({ count: 1.5 })
})
