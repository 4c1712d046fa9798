/**
 * clientToken: the same request with the same token does its work once, and gets the same resources again.
 * (AWS: "Ensuring idempotency" in the ECS API reference.)
 */
import { createHash } from 'node:crypto'
import type { Millis } from '../../store/table.ts'
import type { Transaction, View } from '../../store/view.ts'
import { conflict, invalidParameter } from './errors.ts'
import { type ClientTokenRow, clientTokens } from './tables/index.ts'

/** A request with its token; the token counts in its cluster and operation only. */
export interface TokenUse {
  readonly operation: 'RunTask' | 'CreateService' | 'CreateTaskSet'
  readonly clusterArn: string
  readonly token: string
  /** The request; its `clientToken` member is left out of the comparison. */
  readonly request: object
}

const lifetimeMs = 24 * 3_600_000
const longest = { RunTask: 64, CreateService: 36, CreateTaskSet: 36 } as const

/** The id of the token's row, which what the call makes carries: the token is forgotten with it. */
export const clientTokenId = (use: TokenUse): string => `${use.clusterArn}|${use.operation}|${use.token}`

/**
 * The ARNs that an earlier call with this token made; undefined when there was none within 24 hours.
 * Throws, when that call was another one, ConflictException for RunTask and InvalidParameterException for services.
 */
export const resourcesOfEarlierCall = (
  view: View,
  use: TokenUse,
  now: Millis,
): readonly string[] | undefined => {
  checkToken(use)
  const row = view.get(clientTokens, clientTokenId(use))
  if (!row || row.expiresAt <= now) return undefined
  if (row.requestHash !== hashOf(use.request)) throw differentRequest(use, row)
  return row.resourceArns
}

/** Remembers what a call made; in the transaction that makes it. A call that made nothing may be made again. */
export const rememberCall = (
  tx: Transaction,
  use: TokenUse,
  resourceArns: readonly string[],
  now: Millis,
): void => {
  checkToken(use)
  if (resourceArns.length === 0) return
  tx.put(clientTokens, {
    id: clientTokenId(use),
    requestHash: hashOf(use.request),
    resourceArns,
    expiresAt: now + lifetimeMs,
  })
}

const checkToken = ({ operation, token }: TokenUse): void => {
  if (!/^[!-~]+$/.test(token) || token.length > longest[operation])
    throw invalidParameter(
      `clientToken must be 1 to ${longest[operation]} ASCII characters in the range of 33-126.`,
    )
}

const differentRequest = ({ operation }: TokenUse, row: ClientTokenRow): Error =>
  operation === 'RunTask'
    ? conflict(
        'The RunTask request could not be processed due to conflicts. The provided clientToken is already in use with a different RunTask request.',
        row.resourceArns,
      )
    : invalidParameter('Creation of service was not idempotent.')

const hashOf = (request: object): string => {
  const { clientToken: _, ...rest } = request as Record<string, unknown>
  return createHash('sha256').update(JSON.stringify(rest, sortMembers)).digest('base64url')
}

/** A replacer for JSON.stringify: the order of members does not matter, that of a list does. */
const sortMembers = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value
