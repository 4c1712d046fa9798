import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createJournalMemory, createMemoryJournal } from '../journals/memory-journal.ts'
import { IdList } from './id-list.ts'
import { createStore, type JournaledStore } from './journaled-store.ts'
import { type TaskRow, task, tasks } from './test-tables.ts'
import type { Change, View } from './view.ts'

type Write =
  | { kind: 'put'; row: TaskRow }
  | { kind: 'delete'; id: string }
  | { kind: 'walk'; cluster: string; status: string }
type Step = { writes: Write[]; end: 'commit' | 'throw' | 'promise' | 'restart' }

const CLUSTERS = ['c1', 'c2']
const STATUSES = ['NONE', 'PENDING', 'RUNNING']
const TAGS = ['x', 'y', 'z']

const anId = fc.integer({ min: 0, max: 30 }).map(n => `t${n}`)
const aRow = fc
  .record({
    cluster: fc.constantFrom(...CLUSTERS),
    status: fc.constantFrom(...STATUSES),
    tags: fc.uniqueArray(fc.constantFrom(...TAGS)),
    cpu: fc.integer({ min: -1, max: 5 }),
  })
  .chain(change => anId.map(id => task(id, change)))
const aWrite: fc.Arbitrary<Write> = fc.oneof(
  { weight: 5, arbitrary: aRow.map(row => ({ kind: 'put' as const, row })) },
  { weight: 2, arbitrary: anId.map(id => ({ kind: 'delete' as const, id })) },
  {
    weight: 1,
    arbitrary: fc
      .record({ cluster: fc.constantFrom(...CLUSTERS), status: fc.constantFrom(...STATUSES) })
      .map(walk => ({ kind: 'walk' as const, ...walk })),
  },
)
const aStep: fc.Arbitrary<Step> = fc.record({
  writes: fc.array(aWrite, { maxLength: 12 }),
  end: fc.constantFrom('commit', 'commit', 'commit', 'throw', 'promise', 'restart'),
})

/** The simplest thing that could be right: a map that is copied before every transaction. */
type Model = Map<string, TaskRow>

const sorted = (model: Model): TaskRow[] => [...model.values()].sort((a, b) => (a.id < b.id ? -1 : 1))

const expectSame = (view: View, model: Model): void => {
  const rows = sorted(model)
  expect([...view.all(tasks)]).toEqual(rows)
  expect([...view.all(tasks, 't2')]).toEqual(rows.filter(({ id }) => id > 't2'))
  const check = (
    index: 'byCluster' | 'byStatus' | 'byTag',
    key: string,
    holds: (row: TaskRow) => boolean,
  ) => {
    const expected = rows.filter(holds)
    expect([...view.where(tasks, index, key)]).toEqual(expected)
    expect([...view.where(tasks, index, key, 't15')]).toEqual(expected.filter(({ id }) => id > 't15'))
    expect(view.count(tasks, index, key)).toBe(expected.length)
  }
  for (const cluster of CLUSTERS) {
    check('byCluster', cluster, row => row.cluster === cluster)
    const mine = rows.filter(row => row.cluster === cluster)
    const cpu = mine.reduce((sum, row) => sum + row.cpu, 0)
    expect(view.total(tasks, 'usage', cluster)).toEqual(
      mine.length > 0 ? { tasks: mine.length, cpu } : undefined,
    )
  }
  for (const status of STATUSES) check('byStatus', status, row => row.status === status && status !== 'NONE')
  for (const tag of TAGS) check('byTag', tag, row => row.tags.includes(tag))
}

/** A put of a negative cpu is refused by the table's total: it must leave no trace, though the transaction goes on. */
const runStep = (store: JournaledStore, model: Model, { writes, end }: Step): Model => {
  const next = new Map(model)
  const run = () =>
    store.update(tx => {
      for (const write of writes) {
        if (write.kind === 'delete') {
          tx.delete(tasks, write.id)
          next.delete(write.id)
        } else if (write.kind === 'put' && write.row.cpu >= 0) {
          tx.put(tasks, write.row)
          next.set(write.row.id, write.row)
        } else if (write.kind === 'put') {
          expect(() => tx.put(tasks, write.row)).toThrow('less than nothing')
        } else {
          for (const row of tx.where(tasks, 'byCluster', write.cluster)) {
            tx.put(tasks, { ...row, status: write.status })
          }
          for (const row of sorted(next)) {
            if (row.cluster === write.cluster) next.set(row.id, { ...row, status: write.status })
          }
        }
      }
      expectSame(tx, next)
      if (end === 'throw') throw new Error('undo')
      return end === 'promise' ? Promise.resolve() : undefined
    })
  if (end === 'commit' || end === 'restart') {
    run()
    return next
  }
  expect(run).toThrow(end === 'throw' ? 'undo' : 'synchronous')
  return model
}

const applyChanges = (mirror: Model, changes: readonly Change[]): void => {
  for (const { id, before, after } of changes) {
    expect(mirror.get(id)).toEqual(before)
    if (after === undefined) mirror.delete(id)
    else mirror.set(id, after as TaskRow)
  }
}

it('behaves like a plain map through transactions, throws and restarts, with its indexes, totals and watchers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aStep, { maxLength: 12 }), async steps => {
      const memory = createJournalMemory('test')
      const open = async (): Promise<JournaledStore> => {
        const store = createStore({
          tables: [tasks],
          histories: [],
          journal: createMemoryJournal(memory),
          freeze: true,
        })
        await store.load()
        store.watch(({ changes }) => applyChanges(mirror, changes))
        return store
      }
      const mirror: Model = new Map()
      let model: Model = new Map()
      let store = await open()
      for (const step of steps) {
        model = runStep(store, model, step)
        if (step.end === 'restart') {
          await store.durable()
          store = await open()
        }
        expectSame(store, model)
        expect(mirror).toEqual(model)
      }
    }),
    { numRuns: 150 },
  )
})

it('keeps ids in order through many insertions and removals, and seeks like a sorted array', () => {
  const operation = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 3000 }))
  const bulk = fc.record({ from: fc.nat(3000), length: fc.nat(1500), step: fc.constantFrom(-7, -1, 1, 7) })
  fc.assert(
    fc.property(
      fc.array(bulk, { maxLength: 4 }),
      fc.array(operation, { maxLength: 300 }),
      (bulks, operations) => {
        const list = new IdList()
        const model = new Set<string>()
        const name = (n: number) => `id${String(((n % 5000) + 5000) % 5000).padStart(4, '0')}`
        const change = (add: boolean, id: string) => {
          expect(add ? list.add(id) : list.delete(id)).toBe(add ? !model.has(id) : model.has(id))
          if (add) model.add(id)
          else model.delete(id)
        }
        for (const [n, { from, length, step }] of bulks.entries()) {
          for (let at = 0; at < length; at++) change(n % 3 !== 2, name(from + at * step))
        }
        for (const [add, n] of operations) change(add, name(n))
        const ids = [...model].sort()
        expect(list.chunks.flat()).toEqual(ids)
        expect(list.size).toBe(ids.length)
        for (const after of ['', name(10), name(1234), name(4999)]) {
          const { chunk, offset } = list.seek(after)
          const rest = [...(list.chunks[chunk]?.slice(offset) ?? []), ...list.chunks.slice(chunk + 1).flat()]
          expect(rest).toEqual(ids.filter(id => id > after))
        }
      },
    ),
    { numRuns: 60 },
  )
})
