import { defineTable, type Millis } from '../../../store/table.ts'

/**
 * A call that carried a clientToken: the same call again gets the same resources, another one a conflict. It goes after
 * a day, or with the last of what it made. (AWS: "Ensuring idempotency": the lesser of 24 hours and the lifetime of the
 * resource)
 */
export interface ClientTokenRow {
  /** `clusterArn|operation|token`: a token is bound to a cluster. */
  readonly id: string
  /** A hash of the request without its token. */
  readonly requestHash: string
  /** The ARNs of what the call made. */
  readonly resourceArns: readonly string[]
  readonly expiresAt: Millis
}

const hourMs = 3_600_000

/** Tokens expire together by the hour, so that no expiry walks through all of them. */
export const expiryHour = (token: ClientTokenRow): string => String(Math.ceil(token.expiresAt / hourMs))

/** When every token of an `expiryHour` has expired. */
export const endOfExpiryHour = (hour: string): Millis => Number(hour) * hourMs

export const clientTokens = defineTable<ClientTokenRow>()({
  name: 'ecs.clientTokens',
  indexes: { byExpiryHour: expiryHour },
})
