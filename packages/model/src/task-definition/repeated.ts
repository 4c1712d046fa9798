/** The first value that is there twice. */
export const repeated = (values: readonly (string | undefined)[] | undefined): string | undefined => {
  const seen = new Set<string | undefined>()
  return values?.find(value => value !== undefined && seen.size === seen.add(value).size)
}
