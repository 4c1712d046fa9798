/**
 * AES-256-GCM: `NONCE.TAG.CIPHERTEXT`, each in base64. HAProxy decrypts it by itself, and takes tags that are too short for
 * good ones: whoever opens must look at the lengths.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const nonceBytes = 12
const form = /^([A-Za-z0-9+/]{16})\.([A-Za-z0-9+/]{22}==)\.([A-Za-z0-9+/]+={0,2})$/

export const seal = (key: Buffer, text: string): string => {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return [nonce, cipher.getAuthTag(), ciphertext].map(part => part.toString('base64')).join('.')
}

/** Undefined: it was not sealed with this key. */
export const unseal = (key: Buffer, sealed: string): string | undefined => {
  const [, nonce = '', tag = '', ciphertext = ''] = form.exec(sealed) ?? []
  if (nonce === '') return undefined
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64'), {
      authTagLength: 16,
    }).setAuthTag(Buffer.from(tag, 'base64'))
    return Buffer.concat([decipher.update(Buffer.from(ciphertext, 'base64')), decipher.final()]).toString(
      'utf8',
    )
  } catch {
    return undefined
  }
}
