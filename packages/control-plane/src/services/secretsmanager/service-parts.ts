import type { Encryption } from '../encryption.ts'

/** What the operations need besides the rows. */
export interface SecretsManagerParts {
  readonly encryption: Encryption
}
