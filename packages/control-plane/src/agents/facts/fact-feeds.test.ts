import type { BerthFacts, NameFact } from '@berth/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../../control-loop/manual-clock.ts'
import { createMemoryJournal } from '../../journals/memory-journal.ts'
import { createStore } from '../../store/journaled-store.ts'
import { type TaskRow, tasks } from '../../store/test-tables.ts'
import type { Stop, View } from '../../store/view.ts'
import { DurableOutbox } from '../durable-outbox.ts'
import { FactFeeds } from './fact-feeds.ts'
import { perHost, type TopicSource, type Touch } from './topic.ts'

/** A task is a fact of the audience that its cluster names; a task of the cluster `hosts` says of which audiences a host is. */
const hosts = 'hosts'
/** A task with this status makes its whole audience be read again. */
const everything = 'everything'
const factOf = ({ id, status }: TaskRow): NameFact => ({
  ...{ key: id, name: id, type: 'A', ttl: 1, values: [status] },
})

const read: string[] = []
const shared: TopicSource<'names'> = {
  topic: 'names',
  audiencesOf: (view, host) => view.get(tasks, host)?.tags ?? [],
  pageOf: (view, audience, from) => {
    read.push(audience)
    const rows = [...view.where(tasks, 'byCluster', audience, from)]
    const facts = rows.slice(0, 3).map(factOf)
    const last = facts.at(-1)
    return { facts, ...(rows.length > 3 && last && { next: last.key }) }
  },
  factOf: (view, audience, key) => {
    const row = view.get(tasks, key)
    return row?.cluster === audience ? factOf(row) : undefined
  },
  touched: ({ id, before, after }): readonly Touch[] =>
    [before as TaskRow | undefined, after as TaskRow | undefined].flatMap((row): readonly Touch[] => {
      if (row === undefined) return []
      return row.cluster === hosts
        ? [{ host: id }]
        : [row.status === everything ? { audience: row.cluster } : { audience: row.cluster, key: id }]
    }),
}

/** What an agent keeps by the messages that it got. */
class Host {
  readonly facts = new Map<string, string>()
  readonly messages: BerthFacts<'names'>[] = []
  #named = new Set<string>()

  hear(text: string): void {
    const { type, message } = JSON.parse(text) as { type: string; message: BerthFacts<'names'> }
    expect(type).toBe('BerthFacts')
    this.messages.push(message)
    if (!message.goesOn) this.#named = new Set()
    for (const key of message.gone) this.facts.delete(key)
    for (const { key, values } of message.facts) {
      this.facts.set(key, values.join())
      this.#named.add(key)
    }
    if (!message.isWhole || message.hasMore) return
    for (const key of this.facts.keys()) if (!this.#named.has(key)) this.facts.delete(key)
  }
}

const open = async (topic: TopicSource = shared, workATurn = 1_500) => {
  const clock = new ManualClock(0)
  const store = createStore({ tables: [tasks], histories: [], journal: createMemoryJournal(), freeze: true })
  await store.load()
  const outbox = new DurableOutbox({
    durable: sequence => store.durable(sequence),
    onProgress: () => {},
    onFailure: error => expect.unreachable(String(error)),
    onFault: error => expect.unreachable(String(error)),
  })
  const feeds = new FactFeeds({ store, clock, outbox, topics: [topic], workATurn })
  store.watch(commit => feeds.note(commit))
  const put = (id: string, cluster: string, status: string, tags: readonly string[] = []) =>
    store.update(tx => tx.put(tasks, { id, cluster, status, tags, cpu: 0 }))
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) {
      clock.advance(100)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  const connect = (id: string, host = new Host()): Host & { readonly stop: Stop } => {
    const stop = feeds.open(id, text => host.hear(text))
    return Object.assign(host, { stop })
  }
  return { clock, store, put, settle, connect }
}

test('A session is told at first the whole, in as many messages as it takes, then what changes', async () => {
  const { store, put, settle, connect } = await open()
  store.update(tx => {
    for (let n = 0; n < 1_100; n++)
      tx.put(tasks, { id: `t${n}`, cluster: 'a', status: 'up', tags: [], cpu: 0 })
  })
  put('h1', hosts, '', ['a'])
  const host = connect('h1')
  host.facts.set('stale', 'x')
  await settle()
  expect(
    host.messages.map(({ isWhole, hasMore, goesOn, facts }) => [isWhole, hasMore, goesOn, facts.length]),
  ).toEqual([
    [true, true, undefined, 500],
    [true, true, true, 500],
    [true, undefined, true, 100],
  ])
  expect(host.facts.size).toBe(1_100)
  put('t7', 'a', 'down')
  store.update(tx => tx.delete(tasks, 't8'))
  await settle()
  expect(host.messages.slice(3)).toEqual([
    {
      topic: 'names',
      isWhole: false,
      facts: [{ key: 't7', name: 't7', type: 'A', ttl: 1, values: ['down'] }],
      gone: ['t8'],
    },
  ])
})

test('Large facts are told in messages of about a megabyte', async () => {
  const { put, settle, connect } = await open()
  put('h1', hosts, '', ['a'])
  for (const n of [1, 2, 3, 4, 5]) put(`t${n}`, 'a', String(n).repeat(400_000))
  const host = connect('h1')
  await settle()
  expect(host.messages.map(({ facts }) => facts.length)).toEqual([3, 2])
  for (const n of [1, 2, 3, 4]) put(`t${n}`, 'a', 'x'.repeat(400_000))
  await settle()
  expect(host.messages.slice(2).map(({ facts }) => facts.length)).toEqual([3, 1])
})

test('Facts are told in the order in which they changed last, also to whoever comes later', async () => {
  const { store, put, settle, connect } = await open()
  put('h1', hosts, '', ['a'])
  put('h2', hosts, '', ['a'])
  put('names', 'a', 'nothing')
  const early = connect('h1')
  await settle()
  store.update(tx => {
    tx.put(tasks, { id: 'named', cluster: 'a', status: 'up', tags: [], cpu: 0 })
    tx.put(tasks, { id: 'names', cluster: 'a', status: 'named', tags: [], cpu: 0 })
  })
  await settle()
  const late = connect('h2')
  await settle()
  for (const { messages } of [early, late])
    expect(messages.at(-1)?.facts.map(({ key }) => key)).toEqual(['named', 'names'])
})

test('A host of which nothing holds is told so', async () => {
  const { settle, connect } = await open()
  const host = connect('h1')
  await settle()
  expect(host.messages).toEqual([{ topic: 'names', isWhole: true, facts: [], gone: [] }])
})

test('What several hosts are told alike is read once', async () => {
  const { put, settle, connect } = await open()
  for (let n = 0; n < 3; n++) put(`t${n}`, 'a', 'up')
  const all = ['h1', 'h2', 'h3'].map(id => {
    put(id, hosts, '', ['a'])
    return connect(id)
  })
  read.length = 0
  await settle()
  expect(read).toEqual(['a'])
  expect(all.map(({ facts }) => facts.size)).toEqual([3, 3, 3])
})

test('The first change is told at once, and those that follow within 50 ms together', async () => {
  const { clock, put, settle, connect } = await open()
  put('h1', hosts, '', ['a'])
  const host = connect('h1')
  await settle()
  host.messages.length = 0
  const turn = async (millis: number) => {
    clock.advance(millis)
    await new Promise(resolve => setImmediate(resolve))
  }
  put('t1', 'a', '1')
  await turn(0)
  expect(host.messages.length).toBe(1)
  put('t1', 'a', '2')
  await turn(30)
  put('t1', 'a', '3')
  put('t2', 'a', '1')
  await turn(19)
  expect(host.messages.length).toBe(1)
  await turn(1)
  expect(
    host.messages.slice(1).map(({ facts }) => facts.map(({ key, values }) => `${key}=${values}`)),
  ).toEqual([['t1=3', 't2=1']])
})

test('Nothing is told before it is durable', async () => {
  const { clock, put, settle, connect, store } = await open()
  put('h1', hosts, '', ['a'])
  const host = connect('h1')
  await settle()
  const before = host.messages.length
  put('t1', 'a', '1')
  clock.advance(100)
  expect(host.messages.length).toBe(before)
  await store.durable()
  await settle()
  expect(host.messages.length).toBe(before + 1)
})

test('A change that alters no fact of a host is not told to it', async () => {
  const { put, settle, connect } = await open()
  put('h1', hosts, '', ['a'])
  put('t1', 'a', '1')
  const host = connect('h1')
  await settle()
  host.messages.length = 0
  put('t1', 'a', '1')
  put('t2', 'b', '1')
  await settle()
  expect(host.messages).toEqual([])
})

test('A topic of each host alone reads all of its facts again', async () => {
  const topic = perHost({
    topic: 'names',
    factsOf: (view: View, host) => [...view.where(tasks, 'byCluster', host)].map(factOf),
    concerned: ({ before, after }) => [before, after].flatMap(row => (row ? [(row as TaskRow).cluster] : [])),
  })
  const { store, put, settle, connect } = await open(topic)
  put('t1', 'h1', '1')
  const host = connect('h1')
  await settle()
  put('t2', 'h1', '2')
  store.update(tx => tx.delete(tasks, 't1'))
  await settle()
  expect([...host.facts]).toEqual([['t2', '2']])
  expect(host.messages.at(-1)).toMatchObject({ isWhole: false, gone: ['t1'] })
})

test('A fact that comes while its audience is read again, page by page, stays', async () => {
  const { clock, put, settle, connect } = await open(shared, 2)
  put('h1', hosts, '', ['a'])
  for (let n = 1; n < 9; n++) put(`t${n}`, 'a', 'up')
  const host = connect('h1')
  await settle()
  put('t8', 'a', everything)
  clock.advance(1)
  put('t0', 'a', 'up')
  await settle()
  expect([...host.facts.keys()].sort()).toEqual(Array.from({ length: 9 }, (_, n) => `t${n}`))
})

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('put' as const),
      id: fc.integer({ max: 9, min: 0 }),
      audience: fc.constantFrom('a', 'b'),
      status: fc.constantFrom('up', 'down', everything),
    }),
    fc.record({ kind: fc.constant('delete' as const), id: fc.integer({ max: 9, min: 0 }) }),
    fc.record({
      kind: fc.constant('audiences' as const),
      host: fc.constantFrom('h1', 'h2'),
      audiences: fc.uniqueArray(fc.constantFrom('a', 'b')),
    }),
    fc.record({ kind: fc.constant('connect' as const), host: fc.constantFrom('h1', 'h2') }),
    fc.record({ kind: fc.constant('close' as const), host: fc.constantFrom('h1', 'h2') }),
    fc.record({ kind: fc.constant('pass' as const), millis: fc.constantFrom(0, 1, 1, 2, 50) }),
  ),
  { maxLength: 60, size: 'max' },
)

test('Whatever changes, and however sessions come and go, hosts know in the end what holds', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async run => {
      const { clock, store, put, settle, connect } = await open(shared, 2)
      const connected = new Map<string, ReturnType<typeof connect>>()
      const kept = new Map<string, Host>()
      for (const step of run) {
        // Of one audience for its life: a key is in one audience only.
        if (step.kind === 'put') put(`${step.audience}${step.id}`, step.audience, step.status)
        else if (step.kind === 'delete')
          store.update(tx => {
            for (const audience of ['a', 'b']) tx.delete(tasks, `${audience}${step.id}`)
          })
        else if (step.kind === 'audiences') put(step.host, hosts, '', step.audiences)
        else if (step.kind === 'connect') {
          connected.get(step.host)?.stop()
          const host = connect(step.host, kept.get(step.host))
          kept.set(step.host, host)
          connected.set(step.host, host)
        } else if (step.kind === 'close') {
          connected.get(step.host)?.stop()
          connected.delete(step.host)
        } else {
          clock.advance(step.millis)
          await new Promise(resolve => setImmediate(resolve))
        }
      }
      await settle()
      for (const [id, host] of connected) {
        const audiences = store.get(tasks, id)?.tags ?? []
        const wanted = audiences.flatMap(audience => [...store.where(tasks, 'byCluster', audience)])
        expect(new Map([...host.facts].sort())).toEqual(
          new Map(wanted.map(({ id, status }): [string, string] => [id, status]).sort()),
        )
      }
    }),
    { numRuns: 150 },
  )
})
