import type { DatabaseSync } from 'node:sqlite'
import type { LoadedChunk } from './messages.ts'

/** A few milliseconds of work for the main thread: parsing, and putting the rows into their indexes. */
const CHUNK_ROWS = 96
const CHUNK_CHARACTERS = 512 * 1024

/** Reads all rows in the order of tables and ids: rows in order go to the end of every index, without a search. */
export function* readRows(database: DatabaseSync): Generator<LoadedChunk, undefined> {
  // Only slots are sorted, not bodies: they are fetched by slot, a chunk at a time.
  const slots = database.prepare('SELECT slot FROM rows ORDER BY table_id, id').all()
  const read = database.prepare(
    'SELECT name, sequence, schema_version, body FROM rows JOIN tables ON tables.id = rows.table_id WHERE slot = ?',
  )
  let chunk = emptyChunk()
  for (const { slot } of slots) {
    const row = read.get(slot ?? null)
    chunk.slots.push(Number(slot))
    chunk.tables.push(String(row?.['name']))
    chunk.sequences.push(Number(row?.['sequence']))
    chunk.versions.push(Number(row?.['schema_version']))
    const body = String(row?.['body'])
    chunk.bodies.push(body)
    chunk.characters += body.length
    if (chunk.slots.length < CHUNK_ROWS && chunk.characters < CHUNK_CHARACTERS) continue
    yield finish(chunk)
    chunk = emptyChunk()
  }
  if (chunk.slots.length > 0) yield finish(chunk)
  return undefined
}

const emptyChunk = () => ({
  slots: [] as number[],
  tables: [] as string[],
  sequences: [] as number[],
  versions: [] as number[],
  bodies: [] as string[],
  characters: 0,
})

const finish = ({
  bodies,
  slots,
  tables,
  sequences,
  versions,
}: ReturnType<typeof emptyChunk>): LoadedChunk => ({
  slots,
  tables,
  sequences,
  versions,
  bodies: `[${bodies.join(',')}]`,
})
