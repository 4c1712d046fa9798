import { expect, it } from 'vitest'
import { createJournalMemory, createMemoryJournal, type JournalMemory } from '../journals/memory-journal.ts'
import type { Journal } from './journal.ts'
import { createStore, type JournaledStore } from './journaled-store.ts'
import type { TablePart } from './table-parts.ts'
import { newerThings, olderThings, task, tasks } from './test-tables.ts'

/** More than one part of everything holds. */
const rowCount = 20_000

const open = async (journal: Journal): Promise<JournaledStore> => {
  const store = createStore({ tables: [tasks], histories: [], journal, freeze: true })
  await store.load()
  return store
}

/** Ids in another order than rows were put, keys of one row and of all, and text that is not ASCII. */
const filled = async (): Promise<{ memory: JournalMemory; store: JournaledStore }> => {
  const memory = createJournalMemory('test')
  const store = await open(createMemoryJournal(memory))
  store.update(tx => {
    for (let n = 0; n < rowCount; n++) {
      const id = `t${String((n * 7919) % rowCount).padStart(5, '0')}`
      const status = n % 100 === 0 ? 'NONE' : 'RUNNING'
      tx.put(
        tasks,
        task(id, { cpu: n, cluster: `c${n % 5}`, status, tags: ['größer', `tag-${n}`, 'größer'] }),
      )
    }
  })
  await store.durable()
  return { memory, store }
}

it('brings rows, order, indexes and totals back from parts as they were, whatever is read first', async () => {
  const { memory, store } = await filled()
  const again = await open(createMemoryJournal(memory))
  expect(again.count(tasks, 'byTag', 'größer')).toBe(rowCount)
  expect(again.get(tasks, 't00042')).toEqual(store.get(tasks, 't00042'))
  expect([...again.where(tasks, 'byTag', 'tag-9000')]).toEqual([...store.where(tasks, 'byTag', 'tag-9000')])
  for (const cluster of ['c0', 'c3']) {
    expect(again.total(tasks, 'usage', cluster)).toEqual(store.total(tasks, 'usage', cluster))
    expect([...again.where(tasks, 'byCluster', cluster)]).toEqual([
      ...store.where(tasks, 'byCluster', cluster),
    ])
  }
  expect([...again.where(tasks, 'byStatus', 'RUNNING', 't19990')]).toHaveLength(9)
  expect([...again.all(tasks)]).toEqual([...store.all(tasks)])
})

it('reads a row once: later reads give the same object, and what is in its indexes follows its changes', async () => {
  const { memory } = await filled()
  const store = await open(createMemoryJournal(memory))
  const row = store.get(tasks, 't00007')
  expect(store.get(tasks, 't00007')).toBe(row)
  expect([...store.where(tasks, 'byTag', 'größer')][7]).toBe(row)
  const { sequence } = store
  store.update(tx => tx.put(tasks, row!))
  expect(store.sequence).toBe(sequence)
  store.update(tx => {
    tx.put(tasks, task('t00007', { cluster: 'other' }))
    tx.delete(tasks, 't00008')
  })
  expect([...store.where(tasks, 'byTag', 'größer')].slice(6, 8).map(({ id }) => id)).toEqual([
    't00006',
    't00009',
  ])
  expect(store.total(tasks, 'usage', 'other')).toEqual({ tasks: 1, cpu: 256 })
  expect(store.versionOf(tasks, 't00006')).toBe(1)
})

it('needs the text of a part no more once half of its rows have been read', async () => {
  const { memory } = await filled()
  const inner = createMemoryJournal(memory)
  const parts: TablePart[] = []
  const load: Journal['load'] = async function* (tables) {
    for await (const part of inner.load(tables)) {
      parts.push(part)
      yield part
    }
  }
  const store = await open({ ...inner, load })
  const [first] = parts
  if (first?.kind !== 'rows') throw new Error('Rows come first')
  for (const id of first.ids.slice(0, first.ids.length / 2)) store.get(tasks, id)
  first.texts.fill(0)
  for (const id of first.ids) expect(store.get(tasks, id)).toMatchObject({ id })
})

it('migrates rows of an older release before it makes keys of them', async () => {
  const memory = createJournalMemory('test')
  const old = createStore({ tables: [olderThings], histories: [], journal: createMemoryJournal(memory) })
  await old.load()
  old.update(tx => tx.put(olderThings, { id: 'a', name: 'A' }))
  await old.durable()
  const store = createStore({ tables: [newerThings], histories: [], journal: createMemoryJournal(memory) })
  await store.load()
  expect([...store.where(newerThings, 'byTitle', 'A')]).toEqual([{ id: 'a', title: 'A' }])
})

it('refuses a start over a row that is damaged', async () => {
  const { memory } = await filled()
  const inner = createMemoryJournal(memory)
  const [slot, held] = [...memory.rows][3]!
  memory.rows.set(slot, { ...held, row: { ...held.row, cpu: -1 } as never })
  await expect(open(inner)).rejects.toThrow('less than nothing')
})
