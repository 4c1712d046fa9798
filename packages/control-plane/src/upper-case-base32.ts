const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** A character of AWS's access key ids for each byte, of which five bits count. */
export const upperCaseBase32 = (bytes: Iterable<number>): string =>
  Array.from(bytes, byte => alphabet[byte % 32]).join('')
