/** Reads Docker's JSON, of which nothing is promised: a missing or odd member reads as empty. */
export type Json = Readonly<Record<string, unknown>>

export const asObject = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}

export const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const asText = (value: unknown): string => (typeof value === 'string' ? value : '')

export const asNumber = (value: unknown): number => (typeof value === 'number' ? value : 0)

export const asLabels = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(asObject(value)).map(([name, text]) => [name, asText(text)]))

/** A member, or none for an absent value. */
export const optional = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [key in Name]?: Value }
