import { type Aggregate, type AnyTable, defineHistory, defineTable } from './table.ts'

/** Tables for the kernel's own tests. */
export interface TaskRow {
  readonly id: string
  readonly cluster: string
  readonly status: string
  readonly tags: readonly string[]
  readonly cpu: number
}

interface Usage {
  tasks: number
  cpu: number
}

const usage: Aggregate<TaskRow, Usage> = {
  key: row => row.cluster,
  empty: () => ({ tasks: 0, cpu: 0 }),
  add: (total, row) => {
    if (row.cpu < 0) throw new Error('A task cannot use less than nothing')
    total.tasks++
    total.cpu += row.cpu
  },
  remove: (total, row) => {
    total.tasks--
    total.cpu -= row.cpu
  },
  isEmpty: total => total.tasks === 0,
}

export const tasks = defineTable<TaskRow>()({
  name: 'test.tasks',
  indexes: {
    byCluster: row => row.cluster,
    byStatus: row => (row.status === 'NONE' ? undefined : row.status),
    byTag: row => row.tags,
  },
  aggregates: { usage },
})

export interface EventRecord {
  readonly service: string
  readonly message: string
}

export const events = defineHistory<EventRecord>({
  name: 'test.events',
  key: record => record.service,
  keepPerKey: 5,
})

/** Two versions of one table. */
export const olderThings = defineTable<{ id: string; name: string }>()({ name: 'test.things', indexes: {} })
export const newerThings = defineTable<{ id: string; title: string }>()({
  name: 'test.things',
  indexes: { byTitle: row => row.title },
  migrations: [row => ({ id: (row as { id: string }).id, title: (row as { name: string }).name })],
})

/** For a journal's thread. */
export const testTableModules: readonly URL[] = [new URL(import.meta.url)]

export const testTables: readonly AnyTable[] = [tasks]

export const task = (id: string, change: Partial<TaskRow> = {}): TaskRow => ({
  id,
  cluster: 'default',
  status: 'PENDING',
  tags: [],
  cpu: 256,
  ...change,
})
