import type { Encryption } from '../encryption.ts'
import type { CanServe } from './certificates.ts'
import type { IsInstance } from './targets.ts'

/** What the operations need besides the rows. */
export interface Elbv2Parts {
  readonly encryption: Encryption
  readonly isInstance: IsInstance
  readonly canServe: CanServe
}
