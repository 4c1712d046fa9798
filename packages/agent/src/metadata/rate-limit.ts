/** Token buckets: so many requests a second on average, and a burst of some more. */

export interface RateLimit {
  /** False when the caller has asked too often. */
  admits(caller: string, now: number): boolean
}

export interface RateLimitSettings {
  readonly perSecond: number
  readonly burst: number
}

/** So many callers are remembered before those are forgotten that may ask in full again. */
const rememberedCallers = 1_000

export const createRateLimit = ({ perSecond, burst }: RateLimitSettings): RateLimit => {
  const buckets = new Map<string, { readonly tokens: number; readonly at: number }>()
  const tokensAt = (caller: string, now: number): number => {
    const bucket = buckets.get(caller)
    return bucket ? Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond) : burst
  }
  const forgetFull = (now: number): void => {
    for (const caller of buckets.keys()) if (tokensAt(caller, now) >= burst) buckets.delete(caller)
  }
  return {
    admits: (caller, now) => {
      const tokens = tokensAt(caller, now)
      if (tokens < 1) return false
      if (buckets.size >= rememberedCallers) forgetFull(now)
      buckets.set(caller, { tokens: tokens - 1, at: now })
      return true
    },
  }
}
