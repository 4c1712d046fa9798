import { expect, test } from 'vitest'
import { createMemoryJournal } from '../../../journals/memory-journal.ts'
import { MemoryLogStore } from '../../../log-store/memory-log-store.ts'
import { createStore } from '../../../store/journaled-store.ts'
import { callOn } from '../../ecs/fixtures/root-call.ts'
import { logGroups, logStreams } from '../tables/index.ts'
import { createLogGroup, deleteLogGroup } from './log-groups.ts'
import { createLogStream, deleteLogStream } from './log-streams.ts'
import { putLogEvents } from './put-log-events.ts'

const named = { logGroupName: 'web', logStreamName: 'one' }

/** A group with a stream with an event, over a disk that takes nothing any more. */
const openOverStuckDisk = async () => {
  const journal = createMemoryJournal()
  const disk = Promise.withResolvers<void>()
  let isStuck = false
  const store = createStore({
    tables: [logGroups, logStreams],
    histories: [],
    journal: {
      ...journal,
      append: async group => {
        if (isStuck) await disk.promise
        await journal.append(group)
      },
    },
  })
  await store.load()
  const logStore = new MemoryLogStore()
  const parts = { logStore, accepts: () => true }
  const call = callOn(store)
  await createLogGroup.handle(named, call)
  await createLogStream.handle(named, call)
  const logEvents = [{ timestamp: call.now, message: 'hello' }]
  await putLogEvents(parts).handle({ ...named, logEvents }, call)
  await store.durable()
  isStuck = true
  const groupId = [...store.all(logGroups)][0]?.storeId ?? ''
  const events = async () =>
    (await logStore.read({ groupId, direction: 'forward', limit: 10 })).events.map(({ message }) => message)
  return { call, parts, events, unstick: disk.resolve }
}

test.each([
  ['a group', deleteLogGroup],
  ['a stream', deleteLogStream],
])(
  'The events of %s go once its deletion is durable, so that no crash brings it back without them',
  async (_, operation) => {
    const { call, parts, events, unstick } = await openOverStuckDisk()
    const deleted = operation(parts).handle(named, call)
    expect(await events()).toEqual(['hello'])
    unstick()
    await deleted
    expect(await events()).toEqual([])
  },
)
