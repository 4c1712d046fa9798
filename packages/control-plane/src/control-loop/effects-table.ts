import { defineTable, type Millis } from '../store/table.ts'

export type EffectResult =
  | { readonly outcome: 'done'; readonly value: unknown }
  | { readonly outcome: 'failed'; readonly error: string }

/** Something to be done outside: a reconciler puts the row, a performer acts and reports, the reconciler reads and deletes it. */
export interface EffectRow {
  /** Account and region first; also the idempotency key that the outside is given. */
  readonly id: string
  /** Which performer acts. */
  readonly kind: string
  /** JSON, for the performer. */
  readonly request: unknown
  /** How often it has failed. */
  readonly attempt: number
  /** Not to be tried before. */
  readonly notBefore: Millis
  /** Failed, when it has not been done by then. */
  readonly deadline: Millis
  readonly result?: EffectResult
}

export const effects = defineTable<EffectRow>()({
  name: 'control-loop.effects',
  indexes: { byState: row => (row.result === undefined ? 'open' : 'reported') },
})
