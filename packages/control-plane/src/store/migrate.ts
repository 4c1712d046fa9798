import { JournalRefused, type SchemaVersion } from './journal.ts'
import type { AnyHistoryTable, AnyTable } from './table.ts'

/** Brings a stored row or record up to this release's shape. */
export const migrate = (
  table: {
    readonly name: string
    readonly schemaVersion: number
    readonly migrations: readonly ((row: unknown) => unknown)[]
  },
  schemaVersion: number,
  stored: unknown,
): unknown => {
  if (schemaVersion > table.schemaVersion) {
    throw new JournalRefused(newerSchema(table.name, schemaVersion, table.schemaVersion))
  }
  return table.migrations.slice(schemaVersion - 1).reduce((row, step) => step(row), stored)
}

/** What a journal checks before it begins an epoch, and notes for the next release. */
export const schemaOf = (
  tables: readonly AnyTable[],
  histories: readonly AnyHistoryTable[],
): SchemaVersion[] =>
  [...tables, ...histories].map(({ kind, name, schemaVersion }) => ({ kind, name, version: schemaVersion }))

/** Throws `JournalRefused` when the data holds tables, or versions of them, that this release does not know. */
export const checkSchema = (
  stored: readonly { readonly name: string; readonly version: number }[],
  known: readonly SchemaVersion[],
): void => {
  const versions = new Map(known.map(({ name, version }) => [name, version]))
  for (const { name, version } of stored) {
    const mine = versions.get(name)
    if (mine === undefined) {
      throw new JournalRefused(
        `The database holds a table that this release does not know (${name}): a newer release of Berth wrote it. Start that release, or restore a backup of this one.`,
      )
    }
    if (version > mine) throw new JournalRefused(newerSchema(name, version, mine))
  }
}

const newerSchema = (name: string, stored: number, mine: number): string =>
  `The database is newer than this release of Berth (${name} is of version ${stored}, this release knows ${mine}). Start the newer release, or restore a backup of this one.`
