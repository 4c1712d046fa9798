import type { HistorySearch, HistorySweep, SchemaVersion } from '../../store/journal.ts'

/** Rows and records as they travel to the writer's thread: columns, because many small objects are slow to clone. */
export interface Slice {
  /** The clock's reading at the group's newest commit. */
  readonly at: number
  readonly slots: readonly number[]
  readonly rowTables: readonly string[]
  readonly sequences: readonly number[]
  readonly rowVersions: readonly number[]
  readonly rowIds: readonly string[]
  /** Null: the row was deleted. */
  readonly rowBodies: readonly (string | null)[]
  readonly recordTables: readonly string[]
  readonly recordSequences: readonly number[]
  readonly recordVersions: readonly number[]
  readonly recordKeys: readonly string[]
  readonly recordBodies: readonly string[]
  /** How many records of this key to keep; 0: all. */
  readonly recordKeeps: readonly number[]
}

export interface CommitRequest {
  readonly epoch: number
  readonly from: number
  readonly to: number
  readonly at: number
}

/** `slice` has no answer: the commit that follows answers for its slices. */
export type WriterRequest =
  | { readonly kind: 'hold' }
  | { readonly kind: 'acquire'; readonly schema: readonly SchemaVersion[] }
  | { readonly kind: 'slice'; readonly slice: Slice }
  | { readonly kind: 'commit'; readonly slice: Slice; readonly commit: CommitRequest }
  | { readonly kind: 'sweep'; readonly sweep: HistorySweep }
  | { readonly kind: 'close' }

export interface HistoryRequest {
  readonly kind: 'history'
  readonly table: string
  readonly key: string
  readonly limit: number
  readonly oldestFirst: boolean
  readonly from: number | undefined
}

export type ReaderRequest =
  | HistoryRequest
  | { readonly kind: 'search'; readonly search: HistorySearch }
  | { readonly kind: 'backup'; readonly path: string }
  | { readonly kind: 'close' }

/** Answered with one part after the other, and undefined behind the last one. */
export interface LoaderRequest {
  /** The live tables that the store knows. */
  readonly tables: readonly Pick<SchemaVersion, 'name' | 'version'>[]
}

export interface ThreadFailure {
  readonly kind: 'refused' | 'failed'
  readonly message: string
}

export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly failure: ThreadFailure }

export interface ThreadData {
  readonly directory: string
}

export interface LoaderData extends ThreadData {
  /** URLs of the modules that export the tables. */
  readonly tableModules: readonly string[]
}
