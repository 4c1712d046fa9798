import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Acquired, SchemaVersion } from '../../store/journal.ts'
import { checkSchema } from '../../store/migrate.ts'
import { copyDatabase } from './backup.ts'
import { upgradeLayout } from './database.ts'

/** Checks and notes the schema, and begins the next epoch. A copy is made before an older database is written to. */
export const acquire = (database: DatabaseSync, path: string, schema: readonly SchemaVersion[]): Acquired => {
  const stored = database
    .prepare('SELECT name, version FROM tables')
    .all()
    .map(row => ({ name: String(row['name']), version: Number(row['version']) }))
  checkSchema(stored, schema)
  upgradeLayout(database, version => copyOnce(database, `${path}.before-layout-${version + 1}`))
  const wanted = new Map(schema.map(({ name, version }) => [name, version]))
  const older = stored.filter(({ name, version }) => version < (wanted.get(name) ?? 0))
  const epoch = Number(database.prepare('SELECT epoch FROM journal').get()?.['epoch']) + 1
  if (older.length > 0) copyOnce(database, `${path}.before-migration-${epoch}`)
  return begin(database, epoch, schema)
}

/** A start that ended before its epoch began has left a copy of the very same rows. */
const copyOnce = (database: DatabaseSync, copy: string): void => {
  if (!existsSync(copy)) copyDatabase(database, copy)
}

const begin = (database: DatabaseSync, epoch: number, schema: readonly SchemaVersion[]): Acquired => {
  const note = database.prepare(
    `INSERT INTO tables (name, kind, version) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET version = excluded.version`,
  )
  database.exec('BEGIN IMMEDIATE')
  for (const { name, kind, version } of schema) note.run(name, kind, version)
  database.prepare('UPDATE journal SET epoch = ?').run(epoch)
  const row = database.prepare('SELECT incarnation, sequence, at FROM journal').get()
  database.exec('COMMIT')
  return {
    epoch,
    incarnation: String(row?.['incarnation']),
    sequence: Number(row?.['sequence']),
    at: Number(row?.['at']),
  }
}
