/** What a record says: the members whose value is undefined are left out, so that they replace nothing when spread. */
export const definedMembers = <T extends object>(record: T): Partial<T> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<T>
