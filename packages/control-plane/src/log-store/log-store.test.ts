import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { batch, openSegmentStore, problems, readAll, report } from './test-stores.ts'
import { openLogStore } from './threaded-log-store.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-log-store-'))
  problems.length = 0
})
afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})
const open = (options?: { segmentBytes?: number; capBytes?: number }) => openSegmentStore(directory, options)

describe('a store of segments', () => {
  test('gives a stream in the order of time, then of arrival, across restarts and segments', async () => {
    let store = await open({ segmentBytes: 100 })
    await store.append(
      batch('a', [
        [5, 'five'],
        [7, 'seven'],
      ]),
    )
    await store.append(batch('b', [[6, 'other']]))
    await store.append(
      batch('a', [
        [5, 'five again'],
        [6, 'six'],
        [9, 'nine'],
      ]),
    )
    const expected = ['five', 'five again', 'six', 'seven', 'nine']
    expect((await readAll(store, { streamIds: ['a'] })).map(e => e.message)).toEqual(expected)
    await store.close()
    store = await open({ segmentBytes: 100 })
    await store.append(batch('a', [[8, 'eight']]))
    await store.close()
    store = await open()
    expect((await readAll(store, { streamIds: ['a'] })).map(e => e.message)).toEqual([
      ...expected.slice(0, 4),
      'eight',
      'nine',
    ])
    expect((await readAll(store, { startTime: 6, endTime: 8 })).map(e => e.message)).toEqual([
      'other',
      'six',
      'seven',
    ])
    await store.close()
  })

  test('drops what a source sends again, also when it comes while the first is on its way, and after a restart', async () => {
    let store = await open()
    const sent = batch('a', [[1, 'one']], { source: { source: 's', from: 0, to: 10 } })
    expect(await Promise.all([store.append(sent), store.append(sent)])).toEqual([
      { taken: true },
      { taken: false, expectedFrom: 10 },
    ])
    const next = batch('a', [[2, 'two']], { source: { source: 's', from: 10, to: 20 } })
    expect(await Promise.all([store.append(next), store.append(sent)])).toEqual([
      { taken: true },
      { taken: false, expectedFrom: 20 },
    ])
    await store.close()
    store = await open()
    const overlapping = batch(
      'a',
      [
        [2, 'two'],
        [3, 'three'],
      ],
      { source: { source: 's', from: 10, to: 30 } },
    )
    expect(await store.append(overlapping)).toEqual({ taken: false, expectedFrom: 20 })
    expect((await readAll(store)).map(e => e.message)).toEqual(['one', 'two'])
    await store.close()
  })

  test('remembers sources that were moved to a segment', async () => {
    let store = await open({ segmentBytes: 1 })
    for (let i = 0; i < 5; i++)
      await store.append(batch('a', [[i, `${i}`]], { source: { source: 's', from: i, to: i + 1 } }))
    await store.close()
    store = await open()
    const again = batch('a', [[3, '3']], { source: { source: 's', from: 3, to: 4 } })
    expect(await store.append(again)).toEqual({ taken: false, expectedFrom: 5 })
    expect((await readAll(store)).map(e => e.message)).toEqual(['0', '1', '2', '3', '4'])
    await store.close()
  })

  test('ends each page at its limit or at 1 MiB and goes on from there', async () => {
    const store = await open({ segmentBytes: 300_000 })
    for (let i = 0; i < 8; i++) await store.append(batch('a', [[i, `${i}`.repeat(200_000)]]))
    const page = await store.read({ groupId: 'group', direction: 'forward', limit: 100 })
    expect(page.events.length).toBe(5)
    expect((await readAll(store, { limit: 3 })).map(e => e.timestamp)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    await store.close()
  })

  test('drops the oldest segments when it holds more than its cap', async () => {
    const store = await open({ capBytes: 80_000 })
    const noise = (i: number) =>
      Array.from({ length: 200 }, (_, k) => Math.sin(i * 200 + k).toString(36)).join('')
    for (let i = 0; i < 200; i++) await store.append(batch(`s${i % 3}`, [[i, noise(i)]]))
    // Also waits for a segment that is being written.
    await store.sweep(new Map([['group', { streamIds: ['s0', 's1', 's2'] }]]))
    const kept = (await readAll(store)).map(e => e.timestamp)
    expect(kept.at(-1)).toBe(199)
    expect(kept[0]).toBeGreaterThan(0)
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 200 - kept.length + i))
    expect(await store.bytesUsed()).toBeLessThan(110_000)
    const figures = await store.figures('group')
    expect(Math.min(...[...figures.values()].map(f => f.firstEventAt))).toBe(kept[0])
    await store.close()
  })

  test('frees the room of streams and groups that are gone, and of events before the cutoff', async () => {
    const store = await open({ segmentBytes: 50_000 })
    const noise = () => Array.from({ length: 3000 }, () => Math.random().toString(36)).join('')
    for (let i = 0; i < 12; i++) {
      await store.append(batch('kept', [[i, `kept ${i}`]]))
      await store.append(batch('gone', [[i, noise()]]))
      await store.append(batch('old', [[i, noise()]], { groupId: 'other' }))
    }
    const before = await store.bytesUsed()
    await store.sweep(
      new Map([
        ['group', { streamIds: ['kept'] }],
        ['other', { streamIds: ['old'], cutoff: 100 }],
      ]),
    )
    expect((await readAll(store)).map(e => e.message)).toEqual(
      Array.from({ length: 12 }, (_, i) => `kept ${i}`),
    )
    expect(await store.bytesUsed()).toBeLessThan(before / 4)
    await store.close()
    const again = await open()
    expect((await readAll(again, { streamIds: ['kept'] })).length).toBe(12)
    await again.close()
  })

  test('stops a filtered page after a bounded search and goes on behind it', async () => {
    const store = await open()
    const line = 'x'.repeat(900)
    const lines = 40_000
    for (let i = 0; i < lines; i += 1000)
      await store.append(
        batch(
          'a',
          Array.from({ length: 1000 }, (_, k) => [i + k, i + k === lines - 1 ? 'found' : line]),
        ),
      )
    const first = await store.read({
      groupId: 'group',
      direction: 'forward',
      limit: 10,
      filterPattern: 'found',
    })
    expect(first.events).toEqual([])
    expect(first.next?.timestamp).toBeGreaterThan(30_000)
    expect((await readAll(store, { filterPattern: 'found' })).map(e => e.timestamp)).toEqual([lines - 1])
    await store.close()
  })
})

describe('after a crash', () => {
  test('everything before the torn or damaged byte is there, and nothing behind it', async () => {
    const store = await open()
    const sizes: number[] = []
    const log = join(directory, 'log-0000000000')
    for (let i = 0; i < 4; i++) {
      await store.append(batch('a', [[i, `message ${i}`]], { source: { source: 's', from: i, to: i + 1 } }))
      sizes.push((await readFile(log)).length)
    }
    await store.close()
    const whole = await readFile(log)
    const manifest = join(directory, 'manifest.json')
    for (let length = 0; length <= whole.length; length++) {
      const path = join(directory, `cut-${length}`)
      await mkdir(path)
      await copyFile(manifest, join(path, 'manifest.json'))
      const damaged = Buffer.from(whole)
      if (length % 2) await writeFile(join(path, 'log-0000000000'), whole.subarray(0, length))
      else if (length < whole.length) {
        damaged[length] = (damaged[length] ?? 0) ^ 0xff
        await writeFile(join(path, 'log-0000000000'), damaged)
      } else await writeFile(join(path, 'log-0000000000'), whole)
      const kept = sizes.filter(size => size <= length).length
      const recovered = await openSegmentStore(path)
      expect((await readAll(recovered)).map(e => e.timestamp)).toEqual([0, 1, 2, 3].slice(0, kept))
      const resent = batch('a', [[kept, 'again']], { source: { source: 's', from: kept, to: kept + 1 } })
      expect(await recovered.append(resent)).toEqual({ taken: true })
      const sequences = (await readAll(recovered)).map(e => e.sequence)
      expect(new Set(sequences).size).toBe(kept + 1)
      await recovered.close()
    }
  })

  test('a batch whose sync failed, and which was sent again, is there once', async () => {
    const store = await open()
    await store.append(batch('a', [[1, 'one']], { source: { source: 's', from: 0, to: 1 } }))
    await store.close()
    await copyFile(join(directory, 'log-0000000000'), join(directory, 'log-0000000001'))
    const again = await open()
    expect((await readAll(again)).map(e => e.message)).toEqual(['one'])
    await again.close()
  })

  test('a segment that no manifest names is a leftover: its events come from the log', async () => {
    const store = await open()
    await store.append(batch('a', [[1, 'one']]))
    await store.close()
    const leftover = join(directory, 'segment-0000000007')
    await writeFile(leftover, 'half a segment')
    const again = await open()
    expect((await readAll(again)).map(e => e.message)).toEqual(['one'])
    expect(await readdir(directory)).not.toContain('segment-0000000007')
    await again.close()
  })

  test('a damaged segment is set aside and reported', async () => {
    const store = await open({ segmentBytes: 1 })
    for (let i = 0; i < 4; i++) await store.append(batch('a', [[i, `${i}`]]))
    await store.close()
    const [segment = ''] = (await readdir(directory)).filter(name => name.startsWith('segment-'))
    await truncate(join(directory, segment), 20)
    problems.length = 0
    const again = await open()
    expect((await readAll(again)).map(e => e.message)).toEqual(['1', '2', '3'])
    expect(problems.join()).toContain('set aside')
    await again.close()
  })

  test('a directory of another release is refused', async () => {
    await writeFile(join(directory, 'manifest.json'), JSON.stringify({ version: 9 }))
    await expect(open()).rejects.toThrow('another release')
    await expect(openLogStore({ directory, capBytes: 1e9, report })).rejects.toThrow('another release')
  })
})

test('the store on a thread gives what it took', async () => {
  const store = await openLogStore({ directory, capBytes: 1e9, report })
  const appended = store.append(
    batch('a', [
      [1, 'größe €'],
      [2, ''],
    ]),
  )
  expect(store.pendingBytes).toBeGreaterThan(0)
  expect(await appended).toEqual({ taken: true })
  expect(store.pendingBytes).toBe(0)
  expect((await readAll(store, { direction: 'backward' })).map(e => e.message)).toEqual(['', 'größe €'])
  expect((await store.figures('group')).get('a')).toEqual({
    storedBytes: Buffer.byteLength('größe €') + 52,
    firstEventAt: 1,
    lastEventAt: 2,
    lastIngestedAt: 1000,
  })
  expect((await store.groupBytes(['group', 'none'])).get('none')).toBe(0)
  await store.deleteStream('group', 'a')
  expect((await store.read({ groupId: 'group', direction: 'forward', limit: 5 })).events).toEqual([])
  await store.close()
  await expect(store.append(batch('a', [[1, 'late']]))).rejects.toThrow('not available')
  // That it was closed is nothing to report.
  expect(problems).toEqual([])
})

test('a disk that refuses is an error that may pass: nothing is remembered of the batch, the next one is taken', async () => {
  const store = await open()
  await rm(directory, { recursive: true })
  const sent = batch('a', [[1, 'one']], { source: { source: 's', from: 0, to: 1 } })
  await expect(store.append(sent)).rejects.toMatchObject({ name: 'LogStoreError', retryable: true })
  expect(store.pendingBytes).toBe(0)
  await mkdir(directory)
  expect(await store.append(sent)).toEqual({ taken: true })
  expect((await readAll(store)).map(e => e.message)).toEqual(['one'])
  await store.close()
})
