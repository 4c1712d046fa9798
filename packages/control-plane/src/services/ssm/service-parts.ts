import type { Encryption } from '../encryption.ts'

/** What the operations need besides the rows. */
export interface SsmParts {
  readonly encryption: Encryption
  /** Whether a value has the form of a pattern that a caller gave. Throws RangeError when that takes too long to tell. */
  readonly matchesPattern: (pattern: RegExp, value: string) => boolean
}
