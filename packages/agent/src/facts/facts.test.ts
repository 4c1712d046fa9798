import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BerthFacts, NameFact } from '@berth/model'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSqliteStateStore } from '../state/sqlite-state-store.ts'
import { createMemoryStateStore, type StateStore } from '../state/state-store.ts'
import { createFacts, type FactsChange } from './index.ts'

const name = (key: string, ...values: string[]): NameFact => ({ key, name: key, type: 'A', ttl: 60, values })
const whole = (...facts: NameFact[]): BerthFacts<'names'> => ({
  topic: 'names',
  isWhole: true,
  facts,
  gone: [],
})
const partial = (facts: NameFact[], gone: string[] = []): BerthFacts<'names'> => ({
  topic: 'names',
  isWhole: false,
  facts,
  gone,
})

const given = (store: StateStore = createMemoryStateStore()) => {
  const facts = createFacts(store)
  const heard: FactsChange<'names'>[] = []
  const stop = facts.watch('names', change => heard.push(change))
  return { facts, heard, stop, known: () => [...facts.of('names').values()] }
}

describe('what the control plane keeps a host told of', () => {
  it('replaces everything by a whole message, and single facts by a partial one', () => {
    const { facts, known } = given()
    facts.take(whole(name('a', '1'), name('b', '1')))
    facts.take(partial([name('b', '2'), name('c', '1')], ['a']))
    expect(known()).toEqual([name('b', '2'), name('c', '1')])
    facts.take(whole(name('d', '1')))
    expect(known()).toEqual([name('d', '1')])
  })

  it('forgets what none of the messages of a whole has named, once the last one is there', () => {
    const { facts, known } = given()
    facts.take(whole(name('a', '1'), name('b', '1'), name('c', '1'), name('d', '1')))
    facts.take({ ...whole(name('a', '2')), hasMore: true })
    // The session ended there.
    facts.take({ ...whole(name('b', '2'), name('c', '2')), hasMore: true })
    expect(known()).toEqual([name('a', '2'), name('b', '2'), name('c', '2'), name('d', '1')])
    facts.take({ ...whole(name('e', '2')), hasMore: true, goesOn: true, gone: ['c'] })
    facts.take({ ...whole(name('f', '2')), goesOn: true })
    expect(known()).toEqual([name('b', '2'), name('e', '2'), name('f', '2')])
  })

  it('tells listeners what is new and what is gone, once it holds, and nothing of what was known', () => {
    const { facts, heard } = given()
    let seen: number | undefined
    facts.watch('names', () => {
      seen = facts.of('names').size
    })
    facts.take(whole(name('a', '1'), name('b', '1')))
    expect(seen).toBe(2)
    facts.take(whole(name('a', '1'), name('b', '2')))
    facts.take(partial([], ['a', 'unknown']))
    facts.take(whole(name('b', '2')))
    expect(heard).toEqual([
      { changed: [name('a', '1'), name('b', '1')], gone: [] },
      { changed: [name('b', '2')], gone: [] },
      { changed: [], gone: [name('a', '1')] },
    ])
  })

  it('tells nobody who has stopped watching, and nobody who watches another topic', () => {
    const { facts, heard, stop } = given()
    facts.take({ ...whole(name('a', '1')), topic: 'ingress' } as unknown as BerthFacts)
    stop()
    facts.take(whole(name('a', '1')))
    expect(heard).toEqual([])
  })

  it('changes nothing when the disk refuses', () => {
    const store = createMemoryStateStore()
    const { facts, heard, known } = given({
      ...store,
      changeFacts: () => {
        throw new Error('disk full')
      },
    })
    expect(() => facts.take(whole(name('a', '1')))).toThrow('disk full')
    expect(known()).toEqual([])
    expect(heard).toEqual([])
  })

  it('is what whole messages alone would have said, in memory and on disk, whatever came before', () => {
    const facts = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2')))
    const message = fc.record({
      isWhole: fc.boolean(),
      facts: facts.map(pairs => pairs.map(([key, value]) => name(key, value))),
      gone: fc.array(fc.constantFrom('a', 'b', 'c', 'd')),
    })
    fc.assert(
      fc.property(fc.array(message), messages => {
        const store = createMemoryStateStore()
        const { facts: table, known } = given(store)
        const expected = new Map<string, NameFact>()
        for (const said of messages) {
          table.take({ topic: 'names', ...said })
          if (said.isWhole) expected.clear()
          else for (const key of said.gone) expected.delete(key)
          for (const fact of said.facts) expected.set(fact.key, fact)
        }
        const sorted = (list: readonly NameFact[]) => list.toSorted((x, y) => (x.key < y.key ? -1 : 1))
        expect(sorted(known())).toEqual(sorted([...expected.values()]))
        expect(sorted(given(store).known())).toEqual(sorted([...expected.values()]))
      }),
    )
  })
})

describe('on the disk', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'berth-facts-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))
  const open = () =>
    createSqliteStateStore(directory, error => {
      throw error
    })

  it('outlives the agent', () => {
    const store = open()
    const { facts } = given(store)
    facts.take(whole(name('a', '1'), name('b', '1')))
    facts.take(partial([name('b', '2')], ['a']))
    store.close()
    const again = open()
    expect(given(again).known()).toEqual([name('b', '2')])
    again.close()
  })
})
