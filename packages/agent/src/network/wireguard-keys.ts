/** This host's pair of keys for WireGuard. The private one stays on its disk. */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** As `wg` writes them: 32 bytes in base64. */
export interface WireGuardKeys {
  readonly privateKey: string
  readonly publicKey: string
}

const keyBytes = 32

/** In the one way of writing it that `wg` takes: bits that say nothing are 0. */
export const isWireGuardKey = (text: string): boolean => {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === keyBytes && bytes.toString('base64') === text
}

const fileName = 'wireguard.key'

const standard = (text: string | undefined): string => Buffer.from(text ?? '', 'base64url').toString('base64')

/** RFC 8410: what stands before the 32 bytes of a private key of X25519. */
const pkcs8Head = Buffer.from('302e020100300506032b656e04220420', 'hex')

const publicKeyOf = (privateKey: string): string => {
  const der = Buffer.concat([pkcs8Head, Buffer.from(privateKey, 'base64')])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return standard(createPublicKey(key).export({ format: 'jwk' }).x)
}

const newPrivateKey = (): string =>
  standard(generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' }).d)

/** All of it or nothing, whenever the machine loses its power. */
const write = (directory: string, text: string): void => {
  const path = join(directory, fileName)
  const file = openSync(`${path}.new`, 'w', 0o600)
  try {
    chmodSync(`${path}.new`, 0o600)
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.new`, path)
  const entry = openSync(directory, 'r')
  try {
    fsyncSync(entry)
  } finally {
    closeSync(entry)
  }
}

const read = (directory: string): string | undefined => {
  try {
    return readFileSync(join(directory, fileName), 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Made at the first call, in the agent's data directory. Throws when the file is no key: nobody else's is overwritten. */
export const readOrMakeKeys = (directory: string): WireGuardKeys => {
  const known = read(directory)
  if (known !== undefined && !isWireGuardKey(known))
    throw new Error(
      `${join(directory, fileName)} holds no private key of WireGuard; without it a new one is made`,
    )
  const privateKey = known ?? newPrivateKey()
  if (known === undefined) write(directory, `${privateKey}\n`)
  return { privateKey, publicKey: publicKeyOf(privateKey) }
}
