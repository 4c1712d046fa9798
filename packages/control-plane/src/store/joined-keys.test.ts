import { expect, test } from 'vitest'
import { JoinedKeys } from './joined-keys.ts'

test('two parts make one key, whichever part is shared with others', () => {
  const keys = new JoinedKeys()
  const pairs = [
    ['a', 'x'],
    ['a', 'y'],
    ['b', 'x'],
    ['a', 'x'],
  ] as const
  expect(pairs.map(([first, second]) => keys.of(first, second))).toEqual(['a|x', 'a|y', 'b|x', 'a|x'])
})

test('keys are the same however many others were made meanwhile', () => {
  const keys = new JoinedKeys()
  const names = Array.from({ length: 45_000 }, (_, n) => `service ${n}`)
  expect(names.filter(name => keys.of(name, 'RUNNING') !== `${name}|RUNNING`)).toEqual([])
  expect(keys.of('service 0', 'RUNNING')).toBe('service 0|RUNNING')
})
