import { AwsError } from '@berth/aws-api'
import type { Encryption } from '../encryption.ts'
import { EncryptedElsewhere } from '../encryption.ts'
import { constraint, invalidParameter, invalidRequest } from './errors.ts'
import type { SecretVersionRow } from './tables/index.ts'

const mostBytes = 65_536

export interface GivenValue {
  readonly SecretString?: string | undefined
  readonly SecretBinary?: Uint8Array | undefined
}

export interface SecretValue {
  readonly kind: SecretVersionRow['kind']
  readonly bytes: Uint8Array
}

/** Undefined when the request brings none. Throws when it brings two, or one that is too large. */
export const givenValue = ({ SecretString, SecretBinary }: GivenValue): SecretValue | undefined => {
  if (SecretString !== undefined && SecretBinary !== undefined)
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    )
  if (SecretString !== undefined)
    return { kind: 'string', bytes: checked('secretString', Buffer.from(SecretString)) }
  return SecretBinary && { kind: 'binary', bytes: checked('secretBinary', SecretBinary) }
}

const checked = (member: string, bytes: Uint8Array): Uint8Array => {
  if (bytes.length < 1) throw constraint(member, 'have length greater than or equal to 1')
  if (bytes.length > mostBytes) throw constraint(member, `have length less than or equal to ${mostBytes}`)
  return bytes
}

/** The id of the version that a request makes. Clients make one up for every call. */
export const checkRequestToken = (token: string | undefined): string => {
  if (!token)
    throw invalidRequest('You must provide a ClientRequestToken value. We recommend a UUID-type value.')
  if (token.length < 32 || token.length > 64)
    throw invalidParameter('ClientRequestToken must be 32-64 characters long.')
  return token
}

/** Throws DecryptionFailure. */
const decrypted = (encryption: Encryption, { id, encryptedValue }: SecretVersionRow): Uint8Array => {
  try {
    return encryption.decrypt(encryptedValue, id)
  } catch (error) {
    if (error instanceof EncryptedElsewhere) throw new AwsError('DecryptionFailure', error.message)
    throw error
  }
}

/** The value of a version, as the API shows it. Throws DecryptionFailure. */
export const shownValue = (
  encryption: Encryption,
  version: SecretVersionRow,
): { SecretString: string } | { SecretBinary: Uint8Array } => {
  const bytes = decrypted(encryption, version)
  return version.kind === 'binary' ? { SecretBinary: bytes } : { SecretString: Buffer.from(bytes).toString() }
}

/** Throws DecryptionFailure. */
export const hasValue = (
  encryption: Encryption,
  version: SecretVersionRow,
  { kind, bytes }: SecretValue,
): boolean => version.kind === kind && Buffer.compare(decrypted(encryption, version), bytes) === 0
