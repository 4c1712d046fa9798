import type { ReadObject } from '@berth/aws-api'
import type { Encryption } from '../encryption.ts'
import type { CanServe } from './certificates.ts'
import type { IsInstance } from './targets.ts'

/** What the operations need besides the rows. */
export interface Elbv2Parts {
  readonly encryption: Encryption
  readonly isInstance: IsInstance
  readonly canServe: CanServe
  /** Of S3; undefined: the operator has named no place for buckets. */
  readonly readObject?: ReadObject | undefined
}
