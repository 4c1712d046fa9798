import { NumericValue } from '@smithy/core/serde'
import { expect, test } from 'vitest'
import { treeShape } from '../fixtures/tree.ts'
import { readDocument } from './from-json.ts'
import { InputFault, inputError } from './input-fault.ts'
import { writeDocument } from './to-json.ts'

const read = (members: object): object => readDocument(treeShape, { name: 'n', ...members })

/** What the caller is told, without the code. */
function refusal(members: object): string {
  try {
    read(members)
  } catch (fault) {
    if (fault instanceof InputFault) return inputError(fault, 'ValidationException').message
    throw fault
  }
  return 'accepted'
}

test('members get the types of the SDK', () => {
  const at = new Date(1_700_000_000_123)
  expect(
    read({
      at: 1_700_000_000.123,
      atText: '2023-11-14T22:13:20.123Z',
      atHttp: 'Tue, 14 Nov 2023 22:13:20 GMT',
      atEpoch: 1_700_000_000.123,
      bytes: 'AP8=',
      big: 12,
      exact: 1.5,
      any: { deep: [1, null] },
    }),
  ).toEqual({
    name: 'n',
    at,
    atText: at,
    atHttp: new Date(1_700_000_000_000),
    atEpoch: at,
    bytes: Uint8Array.from([0, 255]),
    big: 12n,
    exact: new NumericValue('1.5', 'bigDecimal'),
    any: { deep: [1, null] },
  })
})

test('only sparse lists and maps keep null', () => {
  const sparse = { sparseList: ['a', null], sparseMap: { a: null } }
  expect(read(sparse)).toEqual({ name: 'n', ...sparse })
  expect(read({ labels: { a: null, b: 'c' } })).toEqual({ name: 'n', labels: { b: 'c' } })
  expect(refusal({ names: [null] })).toContain('NULL_VALUE can not be converted to a String')
  expect(writeDocument(treeShape, { ...sparse, names: ['a', undefined], labels: { a: undefined } })).toEqual({
    ...sparse,
    names: ['a'],
    labels: {},
  })
})

test('a union has exactly one member', () => {
  expect(read({ choice: { left: 'a', right: null } })).toEqual({ name: 'n', choice: { left: 'a' } })
  expect(refusal({ choice: {} })).toContain('Exactly one member of the union Choice must be set, not 0')
  expect(refusal({ choice: { left: 'a', right: 1 } })).toContain('not 2')
})

test('an enum holds for a member, a list and a map', () => {
  expect(refusal({ colour: 'red', colours: ['blue'], colourOf: { a: 'red' } })).toBe('accepted')
  const constraint = 'failed to satisfy constraint: Member must satisfy enum value set: [red, blue]'
  const told = (value: string, path: string): string =>
    `1 validation error detected: Value '${value}' at '${path}' ${constraint}`
  expect(refusal({ colour: 'x' })).toBe(told('x', 'colour'))
  expect(refusal({ colours: ['red', 'y'] })).toBe(told('y', 'colours.2.member'))
  expect(refusal({ children: [{ name: '', colourOf: { k: 'z' } }] })).toBe(
    told('z', 'children.1.member.colourOf.k.member'),
  )
})

test('a required member is missed wherever it belongs', () => {
  expect(refusal({ name: null })).toContain("Value null at 'name' failed")
  expect(refusal({ child: { child: {} } })).toContain("Value null at 'child.child.name' failed")
})

test.each([
  [{ bytes: 'not base64!' }, 'The blob is not base64'],
  [{ bytes: 'A' }, 'The blob is not base64'],
  [{ bytes: 5 }, 'NUMBER_VALUE can not be converted to a Blob'],
  [{ at: '2023-11-14T22:13:20Z' }, 'STRING_VALUE can not be converted to a Timestamp'],
  [{ at: 1e300 }, 'The timestamp is out of range'],
  [{ atText: 'yesterday' }, "'yesterday' is not a timestamp in date-time format"],
  [{ atText: '2023-13-14T22:13:20Z' }, 'is not a timestamp'],
  [{ big: 1.5 }, 'NUMBER_VALUE can not be converted to a BigInteger'],
  [{ any: JSON.parse('{"a":[{"__proto__":1}]}') }, "The key '__proto__' is not allowed"],
  [{ labels: JSON.parse('{"__proto__":"a"}') }, "The key '__proto__' is not allowed"],
  [{ names: 'a' }, 'STRING_VALUE can not be converted to a List'],
  [{ child: [] }, 'LIST_VALUE can not be converted to a Structure'],
])('%j is refused', (members, message) => {
  expect(refusal(members)).toContain(message)
})

test('a hundred levels are read, and more are refused before the stack ends', () => {
  const nest = (levels: number): object => {
    let value: object = { name: '' }
    for (let level = 1; level < levels; level++) value = { name: '', child: value }
    return value
  }
  expect(refusal(nest(100))).toBe('accepted')
  expect(refusal(nest(102))).toContain('nests deeper than 100 levels')
  expect(refusal(nest(50_000))).toContain('nests deeper than 100 levels')
  expect(refusal({ any: JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) })).toContain('nests deeper')
})

test('output keeps what the model knows, in the forms of JSON', () => {
  const at = new Date(1_700_000_000_123)
  const output = {
    name: 'n',
    unknown: 1,
    at,
    atText: at,
    bytes: Uint8Array.from([0, 255]),
    big: 5n,
    size: undefined,
  }
  expect(writeDocument(treeShape, { ...output, child: { name: 'c', unknown: 1 } })).toEqual({
    name: 'n',
    at: 1_700_000_000.123,
    atText: '2023-11-14T22:13:20.123Z',
    bytes: 'AP8=',
    big: 5,
    child: { name: 'c' },
  })
})

test.each([
  [{ name: 5 }, 'Tree.name: expected a string, got number'],
  [{ size: Number.NaN }, 'Tree.size: expected a finite number'],
  [{ on: 'true' }, 'Tree.on: expected a boolean'],
  [{ at: 5 }, 'Tree.at: a timestamp must be a valid Date'],
  [{ at: new Date(Number.NaN) }, 'Tree.at: a timestamp must be a valid Date'],
  [{ child: { names: {} } }, 'Tree.child: Tree.names: expected an array'],
  [{ labels: ['a'] }, 'Tree.labels: expected a map, got an array'],
])('output %j is the fault of its handler', (output, message) => {
  expect(() => writeDocument(treeShape, output)).toThrow(message)
})
