import { defineTable, type Millis } from '../../../store/table.ts'

/** A call that carried a clientToken: the same call again gets the same resources, another one a conflict. */
export interface ClientTokenRow {
  /** `scope/operation/token`. */
  readonly id: string
  /** A hash of the request without its token. */
  readonly requestHash: string
  /** The ARNs of what the call made. */
  readonly resourceArns: readonly string[]
  readonly expiresAt: Millis
}

export const clientTokens = defineTable<ClientTokenRow>()({
  name: 'ecs.clientTokens',
  indexes: { byExpiry: () => 'all' },
})
