import type { Link } from '../network/link.ts'

/** The server waits five seconds; its clock, and what is on the way, are not exact. */
const ALIVE_MS = 4_000

/** Of two agents with one identity the one that is there, and was heard, stays. Says what is wrong. */
export const oneIdentity = (
  newcomer: Link,
  other: Link,
  now: number,
  clockSetAt: number,
): string | undefined => {
  const silentMs = now - other.heardAt
  // A server whose clock leaps has heard nobody for long.
  if (silentMs >= ALIVE_MS || clockSetAt > other.heardAt) return undefined
  return `${newcomer.agentProcess} took the place of ${other.agentProcess}, which was heard ${silentMs} ms before`
}
