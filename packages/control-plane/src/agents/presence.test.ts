import { expect, test } from 'vitest'
import { defaultPresenceSettings, Presence } from './presence.ts'

const presence = () => new Presence(defaultPresenceSettings)

test("Berth's agent is gone ten seconds after it was last heard, since that time", () => {
  const agents = presence()
  agents.heard('a', 'berth', 1_000)
  agents.heard('a', 'berth', 3_000)
  expect(agents.takeGone(12_999)).toEqual([])
  expect(agents.takeGone(13_000)).toEqual([{ containerInstanceArn: 'a', since: 3_000 }])
  expect(agents.takeGone(99_000)).toEqual([])
})

test("Berth's agent is gone when its connection closes", () => {
  const agents = presence()
  agents.heard('a', 'berth', 1_000)
  agents.closed('a', 2_000)
  expect(agents.takeGone(2_000)).toEqual([{ containerInstanceArn: 'a', since: 2_000 }])
})

test('An official agent may close its connection and come back', () => {
  const agents = presence()
  agents.heard('a', 'ecs', 0)
  agents.closed('a', 1_000)
  expect(agents.takeGone(5_000)).toEqual([])
  agents.heard('a', 'ecs', 5_500)
  expect(agents.takeGone(155_000)).toEqual([])
  expect(agents.takeGone(155_500)).toHaveLength(1)
})

test.each([
  ['berth', 30_000],
  ['ecs', 150_000],
] as const)('After a start, an agent of kind %s has %d ms to come back', (kind, ms) => {
  const agents = presence()
  agents.expect('a', kind, 0)
  expect(agents.takeGone(ms - 1)).toEqual([])
  expect(agents.takeGone(ms)).toEqual([{ containerInstanceArn: 'a', since: 0 }])
})

test('What the server did not listen to is no silence', () => {
  const agents = presence()
  agents.heard('a', 'berth', 0)
  agents.expect('b', 'berth', 0)
  agents.excuse(20_000)
  expect(agents.takeGone(29_999)).toEqual([])
  expect(agents.takeGone(30_000).map(({ containerInstanceArn }) => containerInstanceArn)).toEqual(['a', 'b'])
})
