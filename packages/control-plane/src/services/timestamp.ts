// biome-ignore-all lint/style/noRestrictedGlobals: converts given times, and never reads the clock
import type { Millis } from '../store/table.ts'

/** A row's time as the wire's codecs want it. */
export function timestamp(at: Millis): Date
export function timestamp(at: Millis | undefined): Date | undefined
export function timestamp(at: Millis | undefined): Date | undefined {
  return at === undefined ? undefined : new Date(at)
}

/** The time that a text in ISO 8601 names; undefined for any other text. */
export const millisOf = (text: string): Millis | undefined => {
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
