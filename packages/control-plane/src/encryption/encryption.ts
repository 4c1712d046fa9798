import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { EncryptedElsewhere, type Encryption } from '../services/encryption.ts'

const nonceBytes = 12
const tagBytes = 16

/** Which key an encrypted value needs: told by eight digits that say nothing of the key itself. */
const keyIdOf = (key: Buffer): string => createHash('sha256').update(key).digest('hex').slice(0, 8)

/**
 * AES-256-GCM. An encrypted value is `keyId.base64(nonce, ciphertext, tag)`; what it is bound to is authenticated with
 * it, so that no value can be moved to another row or version on the disk.
 */
export const createEncryption = (key: Buffer): Encryption => {
  const keyId = keyIdOf(key)
  return {
    encrypt: (value, boundTo) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(boundTo))
      const text = Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()])
      return `${keyId}.${text.toString('base64')}`
    },
    isOwn: encrypted => encrypted.startsWith(`${keyId}.`),
    decrypt: (encrypted, boundTo) => {
      const [usedKeyId, text = ''] = encrypted.split('.')
      if (usedKeyId !== keyId) throw new EncryptedElsewhere(usedKeyId ?? '', keyId)
      const bytes = Buffer.from(text, 'base64')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes))
        .setAAD(Buffer.from(boundTo))
        .setAuthTag(bytes.subarray(-tagBytes))
      return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()])
    },
  }
}
