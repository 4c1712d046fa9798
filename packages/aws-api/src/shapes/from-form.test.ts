import { NumericValue } from '@smithy/core/serde'
import { expect, test } from 'vitest'
import { treeShape } from '../fixtures/tree.ts'
import { readForm } from './from-form.ts'
import { escapeXml, writeMembers } from './to-xml.ts'

const read = (fields: Record<string, string>): object =>
  readForm(treeShape, new Map(Object.entries({ name: 'n', ...fields })))

test('fields get the types of the SDK', () => {
  expect(
    read({
      size: '-1.5e3',
      on: 'TRUE',
      at: '2023-11-14T22:13:20.123Z',
      atHttp: 'Tue, 14 Nov 2023 22:13:20 GMT',
      atEpoch: '1700000000.123',
      bytes: 'AP8=',
      big: '123456789012345678901234567890',
      exact: '1.50',
    }),
  ).toEqual({
    name: 'n',
    size: -1500,
    on: true,
    at: new Date(1_700_000_000_123),
    atHttp: new Date(1_700_000_000_000),
    atEpoch: new Date(1_700_000_000_123),
    bytes: Uint8Array.from([0, 255]),
    big: 123456789012345678901234567890n,
    exact: new NumericValue('1.50', 'bigDecimal'),
  })
})

test('lists and maps are read by their own names, flattened or not, in the order of their positions', () => {
  expect(
    read({
      'names.member.10': 'z',
      'names.member.2': 'a',
      'Flat.1': 'f',
      'flatMap.1.key': 'k',
      'flatMap.1.value': 'v',
      'labels.entry.1.key': 'k',
      'labels.entry.1.value': 'v',
      'namedList.item.1': 'i',
      'namedMap.entry.1.K': 'k',
      'namedMap.entry.1.V': '5',
      'listOfLists.member.1.member.1': 'll',
      'mapOfLists.entry.1.key': 'k',
      'mapOfLists.entry.1.value.member.1': 'ml',
      'child.name': 'c',
      'children.member.1.name': 'cc',
    }),
  ).toEqual({
    name: 'n',
    names: ['a', 'z'],
    flat: ['f'],
    flatMap: { k: 'v' },
    labels: { k: 'v' },
    namedList: ['i'],
    namedMap: { k: 5 },
    listOfLists: [['ll']],
    mapOfLists: { k: ['ml'] },
    child: { name: 'c' },
    children: [{ name: 'cc' }],
  })
})

test.each([
  [{ flat: 'x' }, "Unknown parameter 'flat'"],
  [{ 'names.item.1': 'x' }, "Unknown parameter part 'item'"],
  [{ 'labels.entry.1.key': 'x' }, 'needs a key and a value'],
  [{ 'labels.entry.1.key': '__proto__', 'labels.entry.1.value': 'x' }, "'__proto__' is not allowed"],
  [{ any: 'x' }, 'A document has no form as text'],
  [{ big: '1.5' }, "'1.5' can not be converted to a BigInteger"],
  [{ size: '0x10' }, "'0x10' can not be converted to a Number"],
  [{ size: '1e999' }, "'1e999' can not be converted to a Number"],
  [{ on: '1' }, "'1' can not be converted to a Boolean"],
  [{ at: '1700000000' }, 'is not a timestamp in date-time format'],
  [{ colour: 'green' }, 'Member must satisfy enum value set'],
  [{ 'colours.member.1': 'green' }, 'Member must satisfy enum value set'],
  [{ [`${'child.'.repeat(120)}name`]: 'x' }, 'nests deeper'],
  [{ 'child.on': 'true' }, 'Member must not be null'],
  [{ 'names.member.1': 'x', 'names.member.1.y': 'x' }, 'Start of structure'],
])('%j is refused', (fields, message) => {
  expect(() => read(fields)).toThrow(message)
})

test('output is XML by the same names', () => {
  const output = {
    unknown: 'x',
    name: '<&>"',
    flat: ['f', 'g'],
    flatMap: { k: 'v' },
    labels: { '<': 'v', gone: undefined },
    namedList: ['i'],
    namedMap: { k: 5 },
    listOfLists: [['ll']],
    names: [],
    at: new Date(1_700_000_000_123),
    atEpoch: new Date(1_700_000_000_123),
    on: false,
    child: {},
  }
  const elements = {
    name: '<name>&lt;&amp;&gt;&quot;</name>',
    child: '<child></child>',
    on: '<on>false</on>',
    at: '<at>2023-11-14T22:13:20.123Z</at>',
    atEpoch: '<atEpoch>1700000000.123</atEpoch>',
    names: '<names></names>',
    flat: '<Flat>f</Flat><Flat>g</Flat>',
    flatMap: '<flatMap><key>k</key><value>v</value></flatMap>',
    labels: '<labels><entry><key>&lt;</key><value>v</value></entry></labels>',
    listOfLists: '<listOfLists><member><member>ll</member></member></listOfLists>',
    namedList: '<namedList><item>i</item></namedList>',
    namedMap: '<namedMap><entry><K>k</K><V>5</V></entry></namedMap>',
  }
  expect(writeMembers(treeShape, output)).toBe(Object.values(elements).join(''))
})

test('characters that XML cannot hold are replaced', () => {
  expect(escapeXml('a\u0000b\u001b[0m\r\n\tä𝄞')).toBe('a\ufffdb\ufffd[0m&#xD;\n\tä𝄞')
})
