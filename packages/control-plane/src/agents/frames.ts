import type { AcsFrame } from '@berth/model'

/** The text of a frame as both sides of ACS, and the server in TCS, send it. */
export const frame = (type: string, message: object): string => JSON.stringify({ type, message })

/** Undefined when the text is no frame. */
export const parseFrame = (text: string): AcsFrame | undefined => {
  try {
    const parsed: unknown = JSON.parse(text)
    return isRecord(parsed) && typeof parsed['type'] === 'string'
      ? { type: parsed['type'], message: parsed['message'] }
      : undefined
  } catch {
    return undefined
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A member that must be text; empty when it is not. */
export const textOf = (message: unknown, member: string): string => {
  const value = isRecord(message) ? message[member] : undefined
  return typeof value === 'string' ? value : ''
}

/** The members of a list that are objects. */
export const recordsOf = (message: unknown, member: string): readonly Readonly<Record<string, unknown>>[] => {
  const value = isRecord(message) ? message[member] : undefined
  return Array.isArray(value) ? value.filter(isRecord) : []
}
