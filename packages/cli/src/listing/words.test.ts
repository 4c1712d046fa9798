import { expect, it } from 'vitest'
import { age, ownerOf, shortName } from './words.ts'

it('says an age in the largest unit that fits', () => {
  const now = 1_000_000_000
  expect(
    [0, 59, 60, 7_199, 7_200, 200_000].map(seconds => age(new Date(now - seconds * 1_000), now)),
  ).toEqual(['0s', '59s', '1m', '1h', '2h', '2d'])
})

it('names things as people do', () => {
  expect(shortName('arn:aws:ecs:us-east-1:000000000000:task/default/0123')).toBe('0123')
  expect(ownerOf('service:web')).toBe('web')
  expect(ownerOf('family:job')).toBe('job (task)')
})
