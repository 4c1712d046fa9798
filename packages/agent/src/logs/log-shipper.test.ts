import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Clock, systemClock } from '../clock.ts'
import { createLogShipper } from './create-log-shipper.ts'
import type { LogSource } from './log-shipper.ts'
import { DestinationMissing, type LogBatch, type LogsApi, type Receipt } from './logs-api.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-log-shipper-'))
})
afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

/** CloudWatch Logs as the shipper sees it; fails, or loses the answer, when told. */
class FakeApi implements LogsApi {
  readonly streams = new Map<string, string[]>()
  readonly order: string[] = []
  readonly #taken = new Map<string, number>()
  fault: (batch: LogBatch) => 'before' | 'after' | undefined = () => undefined
  gate: (stream: string) => Promise<void> = async () => {}
  batches = 0

  async ensure({ stream }: { stream: string }): Promise<void> {
    if (!this.streams.has(stream)) this.streams.set(stream, [])
  }

  async put({ stream }: { stream: string }, batch: LogBatch): Promise<Receipt> {
    this.batches++
    await this.gate(stream)
    const fault = this.fault(batch)
    if (fault === 'before') throw new Error('the connection is refused')
    const lines = this.streams.get(stream)
    if (!lines) throw new DestinationMissing('no stream')
    const taken = this.#taken.get(batch.source) ?? 0
    if (batch.from < taken) return { resumeAt: taken, rejected: 0 }
    this.#taken.set(batch.source, batch.to)
    this.order.push(stream)
    expect(batch.events.length).toBeLessThanOrEqual(10_000)
    let latest = 0
    for (const { timestamp, message } of batch.events) {
      expect(timestamp).toBeGreaterThanOrEqual(latest)
      latest = timestamp
      lines.push(message)
    }
    if (fault === 'after') throw new Error('the answer is lost')
    return { rejected: 0 }
  }

  close(): void {}
}

const problems: string[] = []
const shipperOf = (api: LogsApi, more: { concurrency?: number; clock?: Clock } = {}) =>
  createLogShipper({
    endpoint: 'http://127.0.0.1:1',
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    stateDir: join(directory, 'state'),
    clock: impatientClock,
    report: problem => problems.push(problem),
    gatherMs: 1,
    api,
    ...more,
  })
/** Real time, but no wait is longer than a few milliseconds. */
const impatientClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, run) => systemClock.after(Math.min(delayMs, 5), run),
}

const sourceOf = async (runtimeId: string, options: Record<string, string> = {}): Promise<LogSource> => {
  await mkdir(join(directory, runtimeId), { recursive: true })
  const logPath = join(directory, runtimeId, `${runtimeId}-json.log`)
  return {
    taskArn: 'task',
    containerName: 'c',
    runtimeId,
    logPath,
    group: 'group',
    stream: runtimeId,
    options,
  }
}

let nanos = 0
const entry = (log: string, stream = 'stdout'): string =>
  `${JSON.stringify({ log, stream, time: new Date(1_700_000_000_000 + nanos++).toISOString() })}\n`
const lines = (from: number, to: number, text = 'line'): string =>
  Array.from({ length: to - from }, (_, i) => entry(`${text} ${from + i}\n`)).join('')
const numbered = (from: number, to: number, text = 'line'): string[] =>
  Array.from({ length: to - from }, (_, i) => `${text} ${from + i}`)

/** As the engine does it. */
const rotate = async (path: string, maxFiles = 5): Promise<void> => {
  await rm(`${path}.${maxFiles - 1}`, { force: true })
  for (let i = maxFiles - 1; i > 1; i--) await rename(`${path}.${i - 1}`, `${path}.${i}`).catch(() => {})
  await rename(path, `${path}.1`).catch(() => {})
  await writeFile(path, '')
}

test('ships what is there and what comes, across rotations, each line once and in order', async () => {
  const api = new FakeApi()
  const shipper = shipperOf(api)
  const source = await sourceOf('one')
  await writeFile(source.logPath, lines(0, 100))
  shipper.follow(source)
  for (let i = 1; i < 8; i++) {
    await shipper.drained('one')
    await appendFile(source.logPath, lines(i * 100, i * 100 + 50))
    await rotate(source.logPath)
    await appendFile(source.logPath, lines(i * 100 + 50, i * 100 + 100))
  }
  await shipper.drained('one')
  expect(api.streams.get('one')).toEqual(numbered(0, 800))
  await shipper.stop()
})

test('begins with the oldest rotated file', async () => {
  const api = new FakeApi()
  const source = await sourceOf('one')
  for (let i = 0; i < 3; i++) {
    await writeFile(source.logPath, lines(i * 10, i * 10 + 10))
    if (i < 2) await rotate(source.logPath)
  }
  const shipper = shipperOf(api)
  shipper.follow(source)
  await shipper.drained('one')
  expect(api.streams.get('one')).toEqual(numbered(0, 30))
  await shipper.stop()
})

test('wakes up by itself when a container writes', async () => {
  const api = new FakeApi()
  const shipper = shipperOf(api)
  const source = await sourceOf('one')
  await writeFile(source.logPath, '')
  shipper.follow(source)
  const shipped = Promise.withResolvers<void>()
  api.gate = async () => shipped.resolve()
  await appendFile(source.logPath, lines(0, 1))
  await shipped.promise
  await shipper.drained('one')
  expect(api.streams.get('one')).toEqual(['line 0'])
  await shipper.stop()
})

test('joins the parts of long lines, of each output stream for itself', async () => {
  const api = new FakeApi()
  const shipper = shipperOf(api)
  const source = await sourceOf('one')
  const part = (letter: string) => letter.repeat(16 * 1024)
  await writeFile(
    source.logPath,
    [
      entry(part('a')),
      entry('error\n', 'stderr'),
      entry(part('b'), 'stderr'),
      entry(part('a')),
      entry('a\n'),
      entry('b\n', 'stderr'),
      entry('\n'),
      entry('no newline at the end'),
    ].join(''),
  )
  shipper.follow(source)
  await shipper.drained('one')
  expect(api.streams.get('one')?.map(text => (text.length > 99 ? `${text[0]}${text.length}` : text))).toEqual(
    ['error', `a${32 * 1024 + 1}`, `b${16 * 1024 + 1}`, 'no newline at the end'],
  )
  await shipper.stop()
})

test('joins a line that is longer than what is read at once', async () => {
  const api = new FakeApi()
  const shipper = shipperOf(api)
  const source = await sourceOf('one')
  const part = 'x'.repeat(16 * 1024)
  await writeFile(source.logPath, [...Array.from({ length: 12 }, () => entry(part)), entry('end\n')].join(''))
  shipper.follow(source)
  await shipper.drained('one')
  expect(api.streams.get('one')?.map(text => text.length)).toEqual([12 * 16 * 1024 + 3])
  await shipper.stop()
})

test('joins lines to events where a pattern says how an event begins', async () => {
  const api = new FakeApi()
  const shipper = shipperOf(api)
  const source = await sourceOf('one', { 'awslogs-datetime-format': '\\[%b %d, %Y %H:%M:%S\\]' })
  await writeFile(
    source.logPath,
    ['[May 01, 2026 19:00:01] A', 'at x', 'at y', '[May 01, 2026 19:00:02] B']
      .map(l => entry(`${l}\n`))
      .join(''),
  )
  shipper.follow(source)
  await shipper.drained('one')
  expect(api.streams.get('one')).toEqual([
    '[May 01, 2026 19:00:01] A\nat x\nat y',
    '[May 01, 2026 19:00:02] B',
  ])
  await shipper.stop()
})

test('an incomplete line goes out after a while, so that it does not hold back the others', async () => {
  const api = new FakeApi()
  const shipper = shipperOf(api, { clock: { ...impatientClock, now: () => Date.now() * 1000 } })
  const source = await sourceOf('one')
  const shipped = Promise.withResolvers<void>()
  api.gate = async () => shipped.resolve()
  await writeFile(source.logPath, entry('progress …') + entry('error\n', 'stderr'))
  shipper.follow(source)
  await shipped.promise
  await shipper.drained('one')
  expect(api.streams.get('one')).toEqual(['error', 'progress …'])
  await shipper.stop()
})

test('keeps its place while the control plane is away, and takes no second turn for nothing', async () => {
  const api = new FakeApi()
  const shipper = shipperOf(api)
  const source = await sourceOf('one')
  let failures = 4
  api.fault = () => (failures-- > 0 ? 'before' : undefined)
  await writeFile(source.logPath, lines(0, 5))
  shipper.follow(source)
  await shipper.drained('one')
  expect(api.streams.get('one')).toEqual(numbered(0, 5))
  expect(api.batches).toBe(5)
  await shipper.stop()
})

test('a stream that somebody deletes is made again', async () => {
  const api = new FakeApi()
  const shipper = shipperOf(api)
  const source = await sourceOf('one')
  await writeFile(source.logPath, lines(0, 2))
  shipper.follow(source)
  await shipper.drained('one')
  api.streams.delete('one')
  await appendFile(source.logPath, lines(2, 4))
  await shipper.drained('one')
  expect(api.streams.get('one')).toEqual(numbered(2, 4))
  await shipper.stop()
})

test('a flood takes its turns like everybody else', async () => {
  const api = new FakeApi()
  const shipper = shipperOf(api, { concurrency: 1 })
  const flood = await sourceOf('flood')
  await writeFile(flood.logPath, lines(0, 40_000, 'x'.repeat(60)))
  const quiet = await Promise.all(['a', 'b', 'c'].map(name => sourceOf(name)))
  for (const source of quiet) await writeFile(source.logPath, lines(0, 1))
  shipper.follow(flood)
  for (const source of quiet) shipper.follow(source)
  await Promise.all(['flood', 'a', 'b', 'c'].map(id => shipper.drained(id)))
  expect(api.streams.get('flood')?.length).toBe(40_000)
  expect(api.order.slice(0, 4).toSorted()).toEqual(['a', 'b', 'c', 'flood'])
  expect(api.order.length).toBeGreaterThan(8)
  await shipper.stop()
})

test('a torn entry is reported, and what follows it is shipped', async () => {
  const api = new FakeApi()
  const shipper = shipperOf(api)
  const source = await sourceOf('one')
  problems.length = 0
  await writeFile(
    source.logPath,
    `${entry('one\n')}{"log":"to${entry('two\n')}garbage\n${entry('three\n')}{"log":"cut`,
  )
  shipper.follow(source)
  await shipper.drained('one')
  expect(api.streams.get('one')).toEqual(['one', 'two', 'three'])
  expect(problems.join()).toContain('1 malformed')
  await shipper.stop()
})

test('forgetting a source removes its checkpoint', async () => {
  const shipper = shipperOf(new FakeApi())
  const source = await sourceOf('one')
  await writeFile(source.logPath, lines(0, 2))
  shipper.follow(source)
  await shipper.drained('one')
  expect(await readdir(join(directory, 'state'))).toEqual(['one.json'])
  shipper.forget('one')
  await shipper.stop()
  expect(await readdir(join(directory, 'state'))).toEqual([])
})

test('without its checkpoint it goes on where the control plane says', async () => {
  const api = new FakeApi()
  const source = await sourceOf('one')
  await writeFile(source.logPath, lines(0, 20))
  const first = shipperOf(api)
  first.follow(source)
  await first.drained('one')
  await first.stop()
  await rm(join(directory, 'state'), { recursive: true })
  await appendFile(source.logPath, lines(20, 30))
  const second = shipperOf(api)
  second.follow(source)
  await second.drained('one')
  expect(api.streams.get('one')).toEqual(numbered(0, 30))
  await second.stop()
})

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('write' as const), lines: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('long' as const), parts: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rotate' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fault' as const),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const) }) },
)

test('whatever fails between, no line is lost, doubled or out of order', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), async steps => {
      const id = `run${run++}`
      const api = new FakeApi()
      const source = await sourceOf(id)
      await writeFile(source.logPath, '')
      let shipper = shipperOf(api)
      shipper.follow(source)
      const expected: string[] = []
      let rotations = 0
      for (const each of steps) {
        if (each.kind === 'write') {
          const from = expected.length
          expected.push(...numbered(from, from + each.lines))
          await appendFile(source.logPath, lines(from, from + each.lines))
        } else if (each.kind === 'long') {
          const text = `${expected.length} ${'x'.repeat(400)}`
          expected.push(text.repeat(each.parts))
          // In two writes, as the engine writes parts, with a rotation between them now and then.
          for (let part = 1; part < each.parts; part++) await appendFile(source.logPath, entry(text))
          if (each.parts === 3 && rotations++ < 3) await rotate(source.logPath)
          await appendFile(source.logPath, entry(`${text}\n`))
        } else if (each.kind === 'rotate') {
          // More unread files than the engine keeps would be lost, as documented.
          if (rotations++ < 3) await rotate(source.logPath)
        } else if (each.kind === 'crash') {
          await shipper.stop()
          // A crash comes between the acknowledgement and the checkpoint, too: then an older one is found.
          const path = join(directory, 'state', `${id}.json`)
          const older = await readFile(path, 'utf8').catch(() => undefined)
          shipper = shipperOf(api)
          shipper.follow(source)
          await shipper.drained(id)
          await shipper.stop()
          if (older !== undefined) await writeFile(path, older)
          shipper = shipperOf(api)
          shipper.follow(source)
        } else if (each.kind === 'fault') {
          let faults = 1
          api.fault = () => (faults-- > 0 ? each.when : undefined)
        } else await shipper.drained(id)
      }
      await shipper.drained(id)
      expect(api.streams.get(id)).toEqual(expected)
      await shipper.stop()
    }),
    { numRuns: 40 },
  )
})
