import { expect, it } from 'vitest'
import { matchesFilter } from './record-filter.ts'

const record = {
  group: 'service:web',
  stoppedAt: 100,
  reason: 'OutOfMemory',
  containers: [{ exitCode: 0 }, { exitCode: 137, reason: 'killed' }],
}

it.each([
  [[], true],
  [[{ members: ['group'], equals: 'service:web' }], true],
  [[{ members: ['group'], equals: 'service:we' }], false],
  [[{ members: ['containers.exitCode'], equals: 137 }], true],
  [[{ members: ['containers.exitCode'], equals: 1 }], false],
  [[{ members: ['reason', 'containers.reason'], contains: 'KILL' }], true],
  [[{ members: ['reason', 'containers.reason'], contains: 'memory' }], true],
  [[{ members: ['reason'], contains: 'killed' }], false],
  [[{ members: ['stoppedAt'], from: 100, below: 101 }], true],
  [[{ members: ['stoppedAt'], below: 100 }], false],
  [[{ members: ['stoppedAt'], from: 101 }], false],
  [[{ members: ['nothing.there'], from: 0 }], false],
  [
    [
      { members: ['stoppedAt'], from: 0 },
      { members: ['group'], equals: 'x' },
    ],
    false,
  ],
])('holds %j against a record: %s', (filter, expected) => {
  expect(matchesFilter(record, filter)).toBe(expected)
})
