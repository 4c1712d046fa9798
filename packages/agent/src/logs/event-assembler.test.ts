import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkAwslogsOptions } from './awslogs-options.ts'
import { EventAssembler } from './event-assembler.ts'

let nanos = 0
const entry = (log: string, stream = 'stdout', at = 1_700_000_000_000 + nanos++): string =>
  `${JSON.stringify({ log, stream, time: new Date(at).toISOString() })}\n`
const assembled = (lines: readonly string[]) => {
  const assembler = new EventAssembler(0, 0)
  assembler.push(Buffer.from(lines.join('')))
  return assembler.take(false)
}

test('keeps the order of the file where the times of two outputs differ a little', () => {
  const { events } = assembled([
    entry('a\n', 'stdout', 5000),
    entry('b\n', 'stderr', 4900),
    entry('c\n', 'stdout', 5001),
  ])
  expect(events).toEqual([
    { timestamp: 5000, message: 'a' },
    { timestamp: 5000, message: 'b' },
    { timestamp: 5001, message: 'c' },
  ])
})

test('ends a batch where the clock was set back, and where it would span more than a day', () => {
  const first = entry('a\n', 'stdout', 1_000_000_000)
  const end = Buffer.byteLength(first)
  for (const later of [900_000_000, 1_086_400_001]) {
    const batch = assembled([first, entry('b\n', 'stdout', later)])
    expect(batch).toEqual({ events: [{ timestamp: 1_000_000_000, message: 'a' }], end, malformed: 0 })
  }
})

test('cuts a line that is larger than an event may be', () => {
  const part = entry('x'.repeat(16_384))
  const { events } = assembled([...Array.from({ length: 20 }, () => part), entry('end\n')])
  expect(events.map(event => event.message.length)).toEqual([15 * 16_384, 5 * 16_384 + 3])
})

test('says by name which options it cannot honour', () => {
  expect(
    checkAwslogsOptions({
      'awslogs-group': 'g',
      'awslogs-stream-prefix': 'p',
      mode: 'non-blocking',
      'max-buffer-size': '25m',
    }),
  ).toEqual([])
  expect(
    checkAwslogsOptions(
      {
        tag: 'x',
        mode: 'maybe',
        'awslogs-multiline-pattern': '(',
        'awslogs-region': 'eu-west-1',
        constructor: 'x',
      },
      'us-east-1',
    ).map(problem => problem.slice(0, 52)),
  ).toEqual([
    "The log option 'tag' is not supported with the awslo",
    "The log option 'mode' must be blocking or non-blocki",
    "The log option 'awslogs-multiline-pattern' is no reg",
    "The log option 'constructor' is not supported with t",
    "The log option 'awslogs-group' is required.",
    "The log option 'awslogs-region' must be us-east-1: t",
  ])
})

test('wherever events are cut, reading on from there gives the same events', () => {
  const written = fc.array(
    fc.record({
      log: fc.constantFrom('a\n', 'b', 'c', 'START d\n', '\n'),
      stream: fc.constantFrom('stdout', 'stderr'),
    }),
    { maxLength: 14 },
  )
  fc.assert(
    fc.property(
      written,
      fc.boolean(),
      fc.array(fc.integer({ min: 0, max: 3 })),
      (entries, isMultiline, sizes) => {
        const pattern = isMultiline ? /^START/ : undefined
        const all = entries.map(({ log, stream }) => entry(log, stream))
        const whole = new EventAssembler(0, 0, pattern)
        whole.push(Buffer.from(all.join('')))
        const expected = whole.take(true).events.map(event => event.message)
        const text = Buffer.from(all.join(''))
        const got: string[] = []
        let position = 0
        let seen = 0
        for (const size of [...sizes, all.length]) {
          seen = Math.min(all.length, seen + size)
          const assembler = new EventAssembler(position, 0, pattern)
          assembler.push(text.subarray(position, Buffer.byteLength(all.slice(0, seen).join(''))))
          const { events, end } = assembler.take(seen === all.length)
          got.push(...events.map(event => event.message))
          position = end
        }
        expect(position).toBe(text.length)
        expect(got).toEqual(expected)
      },
    ),
    { numRuns: 500 },
  )
})
