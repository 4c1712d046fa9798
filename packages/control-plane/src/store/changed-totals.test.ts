import { expect, it } from 'vitest'
import { createMemoryJournal } from '../journals/memory-journal.ts'
import { createStore } from './journaled-store.ts'
import { events, task, tasks, testTables } from './test-tables.ts'

it('names the totals that have changed since a mark, by what was undone too, until too many have', async () => {
  const store = createStore({ tables: testTables, histories: [events], journal: createMemoryJournal() })
  await store.load()
  store.update(tx => tx.put(tasks, task('a')))
  const first = store.changedTotals(tasks, 'usage', undefined)
  expect(first.keys).toBeUndefined()
  store.update(tx => tx.put(tasks, task('b', { cluster: 'other' })))
  const second = store.changedTotals(tasks, 'usage', first.mark)
  expect(second.keys).toEqual(new Set(['other']))
  const failing = () =>
    store.update(tx => {
      tx.put(tasks, task('a', { cluster: 'third' }))
      throw new Error('no')
    })
  expect(failing).toThrow('no')
  expect(store.changedTotals(tasks, 'usage', second.mark).keys).toEqual(new Set(['default', 'third']))
  expect(store.changedTotals(tasks, 'usage', first.mark).keys).toEqual(new Set(['other', 'default', 'third']))
  for (let n = 0; n < 9000; n++) store.update(tx => tx.put(tasks, task('a', { cpu: n })))
  expect(store.changedTotals(tasks, 'usage', second.mark).keys).toBeUndefined()
})
