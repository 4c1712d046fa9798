import { expect, it } from 'vitest'
import { createMemoryJournal } from '../journals/memory-journal.ts'
import { createStore } from './journaled-store.ts'
import { events, type TaskRow, task, tasks, testTables } from './test-tables.ts'

const statuses = (rows: Iterable<TaskRow>): ReadonlyMap<string, string> =>
  new Map([...rows].map(({ id, status }) => [id, status]))

it('keeps what was derived from a table until one of its rows changes, also inside a transaction that is undone', async () => {
  const store = createStore({ tables: testTables, histories: [events], journal: createMemoryJournal() })
  await store.load()
  store.update(tx => tx.put(tasks, task('a')))
  const first = store.derived(tasks, statuses)
  expect(first).toEqual(new Map([['a', 'PENDING']]))
  expect(store.derived(tasks, statuses)).toBe(first)
  const failing = () =>
    store.update(tx => {
      tx.put(tasks, task('a', { status: 'RUNNING' }))
      tx.put(tasks, task('b'))
      expect([...tx.derived(tasks, statuses).values()]).toEqual(['RUNNING', 'PENDING'])
      throw new Error('no')
    })
  expect(failing).toThrow('no')
  expect(store.derived(tasks, statuses)).toEqual(first)
  store.update(tx => tx.delete(tasks, 'a'))
  expect(store.derived(tasks, statuses)).toEqual(new Map())
})
