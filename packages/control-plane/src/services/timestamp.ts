import type { Millis } from '../store/table.ts'

/** A row's time as the wire's codecs want it. */
export function timestamp(at: Millis): Date
export function timestamp(at: Millis | undefined): Date | undefined
export function timestamp(at: Millis | undefined): Date | undefined {
  // biome-ignore lint/style/noRestrictedGlobals: a conversion of a given time, not a reading of the clock
  return at === undefined ? undefined : new Date(at)
}
