import { AwsError } from '@berth/aws-api'
import { EncryptedElsewhere, type Encryption } from '../encryption.ts'
import type { ParameterVersionRow } from './tables/index.ts'

/** A SecureString is shown as it is kept unless it is asked for decrypted. Throws InvalidKeyId. */
export const shownValue = (
  encryption: Encryption,
  { id, type, encryptedValue }: ParameterVersionRow,
  withDecryption = false,
): string => {
  if (type === 'SecureString' && !withDecryption) return encryptedValue
  try {
    return Buffer.from(encryption.decrypt(encryptedValue, id)).toString()
  } catch (error) {
    if (error instanceof EncryptedElsewhere) throw new AwsError('InvalidKeyId', error.message)
    throw error
  }
}
