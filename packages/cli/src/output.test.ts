import { expect, it } from 'vitest'
import { formatTable } from './output.ts'

it('lines columns up, colours not counted, and leaves no space at the end', () => {
  expect(
    formatTable(
      ['TASK', 'STATUS'],
      [
        ['a', '\u001b[32mRUNNING\u001b[39m'],
        ['longer', 'X'],
      ],
    ),
  ).toEqual(['TASK    STATUS', 'a       \u001b[32mRUNNING\u001b[39m', 'longer  X'])
})
