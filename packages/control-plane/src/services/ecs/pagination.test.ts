import { expect, test } from 'vitest'
import { openPage } from './pagination.ts'

const letters = ['a', 'b', 'c', 'd', 'e']
const rowsAfter = (after: string | undefined) =>
  letters.filter(letter => after === undefined || letter > after)
const read = (nextToken?: string, list = 'Letters') => {
  const page = openPage(list, { maxResults: 2, nextToken })
  return page.take(rowsAfter(page.after), letter => letter)
}

test('pages follow one another to the end, and the last has no token', () => {
  const first = read()
  const second = read(first.nextToken)
  const third = read(second.nextToken)
  expect([first.items, second.items, third.items]).toEqual([['a', 'b'], ['c', 'd'], ['e']])
  expect(third).not.toHaveProperty('nextToken')
})

test('a page that ends with the last row has no token', () => {
  const page = openPage('Letters', { maxResults: 5 })
  expect(page.take(letters, letter => letter)).toEqual({ items: letters })
})

test('a token of another list, or no token at all, is refused', () => {
  const { nextToken } = read()
  expect(() => read(nextToken, 'Numbers')).toThrow('Invalid nextToken.')
  for (const broken of ['', 'x', 'bm8', Buffer.from('["Letters"]').toString('base64url')])
    expect(() => read(broken)).toThrow('Invalid nextToken.')
})

test('maxResults outside of its range is refused', () => {
  expect(() => openPage('Letters', { maxResults: 0 })).toThrow('maxResults must be between 1 and 100.')
  expect(() => openPage('Letters', { maxResults: 11 }, { maximum: 10 })).toThrow(
    'maxResults must be between 1 and 10.',
  )
})
