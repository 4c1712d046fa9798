import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
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

/** On disk under its name, readable by its owner only, or not there at all. */
export const writeDataKey = (path: string, key: Buffer): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(`${path}.new`, `${key.toString('hex')}\n`, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
  // Without it a crash could leave values on the disk whose key is not.
  const directory = openSync(dirname(path), 'r')
  fsyncSync(directory)
  closeSync(directory)
}

/** The key of a data directory, made at its first start; of a server that keeps nothing, one that dies with it. */
export const ensureDataKey = ({ inMemory, dataDir }: ServerConfiguration): Buffer => {
  if (inMemory) return randomBytes(keyBytes)
  const path = dataKeyPath(dataDir)
  if (existsSync(path)) return readDataKey(path)
  const key = randomBytes(keyBytes)
  writeDataKey(path, key)
  return key
}
