import { DatabaseSync } from 'node:sqlite'
import { workerData } from 'node:worker_threads'
import { JournalRefused } from '../../store/journal.ts'
import type { AnyTable } from '../../store/table.ts'
import type { TablePart } from '../../store/table-parts.ts'
import { readTables } from '../../store/table-reader.ts'
import { answerRequests } from './answers.ts'
import { databasePath } from './database.ts'
import type { LoaderData, LoaderRequest } from './messages.ts'
import { readRows } from './row-reader.ts'

const { directory, tableModules } = workerData as LoaderData
const modules = (await Promise.all(tableModules.map(module => import(module)))) as object[]
const defined = modules.flatMap(module => Object.values(module) as unknown[])

const isTable = (value: unknown): value is AnyTable =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'live'

const findTable = ({ name, version }: LoaderRequest['tables'][number]): AnyTable => {
  const found = defined.filter(isTable).find(table => table.name === name && table.schemaVersion === version)
  if (found !== undefined) return found
  throw new JournalRefused(
    `None of the modules that the journal was given defines ${name} of version ${version}`,
  )
}

let loading: Iterator<TablePart> | undefined

const start = (tables: LoaderRequest['tables']): Iterator<TablePart> => {
  const database = new DatabaseSync(databasePath(directory), { readOnly: true, timeout: 5000 })
  return readTables(tables.map(findTable), readRows(database))
}

/** The next part; undefined when all have been given. */
const nextPart = (tables: LoaderRequest['tables']): TablePart | undefined => {
  loading ??= start(tables)
  const { done, value } = loading.next()
  return done === true ? undefined : value
}

const buffersOf = (part: unknown): ArrayBuffer[] =>
  Object.values((part ?? {}) as TablePart).flatMap(member =>
    ArrayBuffer.isView(member) && member.buffer instanceof ArrayBuffer ? [member.buffer] : [],
  )

answerRequests<LoaderRequest>(directory, ({ tables }) => nextPart(tables), buffersOf)
