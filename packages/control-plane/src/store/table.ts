/** Milliseconds since the Unix epoch. */
export type Millis = number

/**
 * A row is immutable: a change is a new object that is put under the same id.
 * Ids are or start with an ARN, start with an account and region, or, as those of deployments, are random and unique: no
 * row is ever shared between accounts.
 */
export interface Row {
  readonly id: string
}

/** The index keys of a row: none, one, or several. */
export type IndexKeys = string | undefined | readonly string[]

/**
 * A running total per key over a table's rows, kept up with every put, delete and undo: never recomputed by a scan.
 * Totals are plain data (objects, arrays, maps, sets): at a start another thread makes them.
 */
export interface Aggregate<R extends Row, T> {
  readonly key: (row: R) => string | undefined
  readonly empty: () => T
  /** Mutates `total`; must be undone exactly by `remove` with the same row. */
  readonly add: (total: T, row: R) => void
  readonly remove: (total: T, row: R) => void
  /** A total of nothing is dropped from memory. */
  readonly isEmpty: (total: T) => boolean
}

// biome-ignore lint/suspicious/noExplicitAny: the totals of one table have different types
export type Aggregates<R extends Row> = Readonly<Record<string, Aggregate<R, any>>>
export type Indexes<R extends Row> = Readonly<Record<string, (row: R) => IndexKeys>>

/** A live table: its rows are in memory, and are loaded at start. */
export interface Table<
  R extends Row = Row,
  I extends Indexes<R> = Indexes<R>,
  A extends Aggregates<R> = Aggregates<R>,
> {
  readonly kind: 'live'
  /** `service.noun`, for instance `ecs.tasks`. */
  readonly name: string
  /** The version of the row's shape: one more than the number of migrations. */
  readonly schemaVersion: number
  /** migrations[n] turns a row of schema version n + 1 into one of n + 2. Pure. */
  readonly migrations: readonly ((row: unknown) => unknown)[]
  readonly indexes: I
  readonly aggregates: A
  /** Type only. */
  readonly row?: R
}

/**
 * A history table: written in the same journal transaction as live rows, read asynchronously, never loaded at start.
 * Records of one key are ordered by commit sequence, then by their order in the commit.
 */
export interface HistoryTable<R extends object = object> {
  readonly kind: 'history'
  readonly name: string
  readonly schemaVersion: number
  readonly migrations: readonly ((record: unknown) => unknown)[]
  /** What records are looked up by. */
  readonly key: (record: R) => string
  /** Keep at most this many records per key; the oldest go first. */
  readonly keepPerKey?: number
  /** Type only. */
  readonly record?: R
}

/** How long records of a history table are kept: what the operator says, instead of what the table says. */
export interface Retention {
  /** At most so many of each key; 0: all. */
  readonly records: number
  /** 0: for ever. */
  readonly ms: Millis
}

/** Any live table, whatever its rows: what lists of tables hold. */
// biome-ignore lint/suspicious/noExplicitAny: functions of a row stand in the type in both directions
export type AnyTable = Table<any, any, any>
// biome-ignore lint/suspicious/noExplicitAny: as above
export type AnyHistoryTable = HistoryTable<any>

type Shape<I, A> = {
  name: string
  indexes: I
  aggregates?: A
  migrations?: readonly ((row: unknown) => unknown)[]
}

/** `defineTable<TaskRow>()({ name: 'ecs.tasks', indexes: { byCluster: t => t.clusterArn } })` */
export const defineTable =
  <R extends Row>() =>
  <const I extends Indexes<R>, const A extends Aggregates<R> = Record<never, never>>(
    shape: Shape<I, A>,
  ): Table<R, I, A> => ({
    kind: 'live',
    name: shape.name,
    indexes: shape.indexes,
    aggregates: shape.aggregates ?? ({} as A),
    migrations: shape.migrations ?? [],
    schemaVersion: (shape.migrations?.length ?? 0) + 1,
  })

export const defineHistory = <R extends object>(shape: {
  name: string
  key: (record: R) => string
  keepPerKey?: number
  migrations?: readonly ((record: unknown) => unknown)[]
}): HistoryTable<R> => ({
  kind: 'history',
  migrations: [],
  ...shape,
  schemaVersion: (shape.migrations?.length ?? 0) + 1,
})
