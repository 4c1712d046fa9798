export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

export const text = (flags: Flags, name: string): string | undefined => {
  const value = flags[name]
  return typeof value === 'string' ? value : undefined
}

/** Of an option that may be given several times. */
export const texts = (flags: Flags, name: string): readonly string[] => {
  const value = flags[name]
  return Array.isArray(value) ? value : []
}
