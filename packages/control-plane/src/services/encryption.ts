/** Keeps values unreadable on the disk. */
export interface Encryption {
  /** `boundTo` names the row and the version that the value is of: it decrypts for the same only. */
  encrypt(value: Uint8Array, boundTo: string): string
  /** Throws EncryptedElsewhere; anything else that it throws means that the data was tampered with or is damaged. */
  decrypt(encrypted: string, boundTo: string): Uint8Array
  /** Whether the value was encrypted with this server's key. */
  isOwn(encrypted: string): boolean
}

/** The value was encrypted by a server with another key: the operator has the key's file, or nobody can read it. */
export class EncryptedElsewhere extends Error {
  override readonly name = 'EncryptedElsewhere'

  constructor(usedKeyId: string, keyId: string) {
    super(
      `The value was encrypted with the key ${usedKeyId}, and this server has the key ${keyId}: put the file secrets.key that belongs to the data into the data directory, and start the server again.`,
    )
  }
}
