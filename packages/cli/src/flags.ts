export type Flags = Readonly<Record<string, string | boolean | undefined>>

export const text = (flags: Flags, name: string): string | undefined => {
  const value = flags[name]
  return typeof value === 'string' ? value : undefined
}
