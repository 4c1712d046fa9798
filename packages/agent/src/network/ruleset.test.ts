import { expect, test } from 'vitest'
import { type Ruleset, scriptOf } from './ruleset.ts'

const rules = (members: Partial<Ruleset>): Ruleset => ({
  chains: new Map(),
  sets: new Map(),
  maps: new Map(),
  ...members,
})
const set = (...elements: string[]) => ({ type: 'ipv4_addr', elements: new Set(elements) })
const map = (...elements: [string, string][]) => ({ type: 'ifname : verdict', elements: new Map(elements) })

test('a table of which nothing is known is replaced, in one go', () => {
  const after = rules({
    chains: new Map([['forward', ['type filter hook forward priority 0;', 'iifname vmap @m']]]),
    sets: new Map([['s', set('10.0.0.1', '10.0.0.2')]]),
    maps: new Map([['m', map(['"eni1"', 'jump forward'])]]),
  })
  expect(scriptOf('inet t', undefined, after).split('\n')).toEqual([
    'add table inet t',
    'delete table inet t',
    'add table inet t',
    'add set inet t s { type ipv4_addr; }',
    'add chain inet t forward { type filter hook forward priority 0; }',
    'add map inet t m { type ifname : verdict; }',
    'add rule inet t forward iifname vmap @m',
    'add element inet t s { 10.0.0.1, 10.0.0.2 }',
    'add element inet t m { "eni1" : jump forward }',
    '',
  ])
})

test('a member that comes or goes is one element', () => {
  const before = rules({
    sets: new Map([
      ['s', set('10.0.0.1', '10.0.0.2')],
      ['t', set('10.0.0.9')],
    ]),
  })
  const after = rules({
    sets: new Map([
      ['s', set('10.0.0.1', '10.0.0.3')],
      ['t', set('10.0.0.9')],
    ]),
  })
  expect(scriptOf('inet t', before, after)).toBe(
    'delete element inet t s { 10.0.0.2 }\nadd element inet t s { 10.0.0.3 }\n',
  )
})

test('nothing is said when nothing differs', () => {
  const one = () => rules({ chains: new Map([['c', ['accept']]]), sets: new Map([['s', set('10.0.0.1')]]) })
  expect(scriptOf('inet t', one(), one())).toBe('')
})

test('what refers to a chain or a set goes before it', () => {
  const before = rules({
    chains: new Map([['old', ['ip saddr @s accept']]]),
    sets: new Map([['s', set('10.0.0.1')]]),
    maps: new Map([['m', map(['"eni1"', 'jump old'], ['"eni2"', 'jump old'])]]),
  })
  const after = rules({
    chains: new Map([['new', ['drop']]]),
    maps: new Map([['m', map(['"eni1"', 'jump new'])]]),
  })
  expect(scriptOf('inet t', before, after).split('\n')).toEqual([
    'add chain inet t new',
    'delete element inet t m { "eni1", "eni2" }',
    'flush chain inet t old',
    'add rule inet t new drop',
    'add element inet t m { "eni1" : jump new }',
    'delete chain inet t old',
    'delete set inet t s',
    '',
  ])
})
