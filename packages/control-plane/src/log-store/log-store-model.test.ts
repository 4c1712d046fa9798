import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compareBoundaries, type LogStore } from './log-store.ts'
import { MemoryLogStore } from './memory-log-store.ts'
import { batch, openSegmentStore, readAll } from './test-stores.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-log-store-'))
})
afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

const events = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.string({ unit: 'grapheme', maxLength: 12 })), {
    maxLength: 6,
  })
  .map(list => list.sort(([a], [b]) => a - b))
const stream = fc.constantFrom('a', 'b', 'c')
const command = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('append' as const), stream, events }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('source' as const),
      stream,
      events,
      from: fc.integer({ min: 0, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), stream }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('sweep' as const), cutoff: fc.integer({ min: 0, max: 30 }) }),
  },
)
const readRequest = fc
  .record(
    {
      streamIds: fc.uniqueArray(stream),
      direction: fc.constantFrom('forward' as const, 'backward' as const),
      from: fc.record({
        timestamp: fc.integer({ min: 0, max: 30 }),
        sequence: fc.integer({ min: 0, max: 20 }),
      }),
      startTime: fc.integer({ min: 0, max: 30 }),
      endTime: fc.integer({ min: 0, max: 30 }),
      limit: fc.integer({ min: 1, max: 5 }),
    },
    { requiredKeys: ['direction', 'limit'] },
  )
  .map(request => ({ groupId: 'group', ...request }))

test('whatever is done to it, a store of segments answers as the one in memory', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { maxLength: 25 }),
      fc.array(readRequest, { minLength: 3, maxLength: 6 }),
      fc.integer({ min: 1, max: 400 }),
      async (commands, requests, segmentBytes) => {
        const path = await mkdtemp(join(directory, 'model-'))
        const model = new MemoryLogStore()
        let store = await openSegmentStore(path, { segmentBytes })
        const both = async (act: (each: LogStore) => Promise<unknown>) =>
          expect(await act(store)).toEqual(await act(model))
        const alive = new Map<string, number>()
        let cutoff = 0
        for (const each of commands) {
          // A deleted stream's id is never used again.
          const id = 'stream' in each ? `${each.stream}${alive.get(each.stream) ?? ''}` : ''
          if (each.kind === 'restart') {
            await store.close()
            store = await openSegmentStore(path, { segmentBytes })
          } else if (each.kind === 'delete') {
            await both(s => s.deleteStream('group', id))
            alive.set(each.stream, (alive.get(each.stream) ?? 0) + 1)
          } else if (each.kind === 'sweep') {
            cutoff = Math.max(cutoff, each.cutoff)
            const streamIds = ['a', 'b', 'c'].map(name => `${name}${alive.get(name) ?? ''}`)
            await both(s => s.sweep(new Map([['group', { streamIds, cutoff: each.cutoff }]])))
          } else {
            const source = {
              source: 'one',
              from: 'from' in each ? each.from : 0,
              to: ('from' in each ? each.from : 0) + 2,
            }
            const sent = batch(id, each.events, each.kind === 'source' ? { source } : {})
            await both(s => s.append(sent))
          }
        }
        const live = ['a', 'b', 'c'].map(name => `${name}${alive.get(name) ?? ''}`)
        for (const request of requests) {
          // Where the cutoff lies inside a block the store keeps more, which nobody is shown.
          const visible = { ...request, startTime: Math.max(request.startTime ?? 0, cutoff) }
          const streamIds = (request.streamIds ?? ['a', 'b', 'c']).map(
            name => `${name}${alive.get(name) ?? ''}`,
          )
          const one = await store.read({ ...visible, streamIds })
          const two = await model.read({ ...visible, streamIds })
          expect(one).toEqual(two)
        }
        if (cutoff === 0)
          expect(await store.figures('group', live)).toEqual(await model.figures('group', live))
        await store.close()
      },
    ),
    { numRuns: 60 },
  )
})

test('pages in both directions give each event exactly once, wherever they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(events, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 4 }),
      async (batches, limit) => {
        const path = await mkdtemp(join(directory, 'pages-'))
        const store = await openSegmentStore(path, { segmentBytes: 150 })
        for (const each of batches) await store.append(batch('a', each))
        const all = await readAll(store, { limit: 10_000 })
        expect(all).toEqual([...all].sort(compareBoundaries))
        expect(await readAll(store, { limit })).toEqual(all)
        expect(await readAll(store, { limit, direction: 'backward' })).toEqual([...all].reverse())
        await store.close()
      },
    ),
    { numRuns: 30 },
  )
})
