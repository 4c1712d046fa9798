import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { ConfigurationError, type ServerConfiguration } from '../configuration.ts'

const keyBytes = 32

/** The file of a data directory that holds the key of the values in its database. */
export const dataKeyPath = (directory: string): string => join(directory, 'secrets.key')

/** Throws ConfigurationError when the file holds no key: making another one would lose every value. */
export const readDataKey = (path: string): Buffer => {
  const text = readFileSync(path, 'utf8').trim()
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new ConfigurationError(
      `${path} must hold a key of ${keyBytes} bytes in hexadecimal digits: restore it from where it is kept.`,
    )
  return Buffer.from(text, 'hex')
}

/**
 * Puts a key on the disk, readable by its owner only: under its name, or not at all. Of two that do so at the same time
 * one finds the other's key, which is the one to use.
 */
export const writeDataKey = (path: string, key: Buffer): Buffer => {
  const directory = dirname(path)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const own = `${path}.${process.pid}.new`
  writeFileSync(own, `${key.toString('hex')}\n`, { mode: 0o600, flush: true })
  try {
    linkSync(own, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(own)
  }
  // Without it a crash could leave values on the disk whose key is not.
  const opened = openSync(directory, 'r')
  fsyncSync(opened)
  closeSync(opened)
  return readDataKey(path)
}

/** The key of a data directory, made at its first start; of a server that keeps nothing, one that dies with it. */
export const ensureDataKey = ({ inMemory, dataDir }: ServerConfiguration): Buffer => {
  const path = dataKeyPath(dataDir)
  if (!inMemory && existsSync(path)) return readDataKey(path)
  const key = randomBytes(keyBytes)
  return inMemory ? key : writeDataKey(path, key)
}
