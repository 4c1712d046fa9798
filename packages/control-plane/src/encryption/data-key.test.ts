import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ConfigurationError, readConfiguration } from '../configuration.ts'
import { dataKeyPath, ensureDataKey, writeDataKey } from './data-key.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'berth-data-key-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

const ensure = (environment: object = {}) =>
  ensureDataKey(readConfiguration({ BERTH_DATA_DIR: dataDir, ...environment }))

test('a data directory gets a key once, which only its owner may read', () => {
  const key = ensure()
  expect(key.length).toBe(32)
  expect(statSync(dataKeyPath(dataDir)).mode & 0o777).toBe(0o600)
  expect(ensure()).toEqual(key)
})

test('a server that keeps nothing leaves no key behind', () => {
  expect(ensure({ BERTH_IN_MEMORY: 'true' })).not.toEqual(ensure({ BERTH_IN_MEMORY: 'true' }))
  expect(() => readFileSync(dataKeyPath(dataDir))).toThrow('ENOENT')
})

test('a damaged key is never replaced', () => {
  writeFileSync(dataKeyPath(dataDir), 'not a key')
  expect(() => ensure()).toThrow(ConfigurationError)
  expect(readFileSync(dataKeyPath(dataDir), 'utf8')).toBe('not a key')
})

test('of two servers that make a key at the same time, both use the same', () => {
  const first = writeDataKey(dataKeyPath(dataDir), Buffer.alloc(32, 1))
  expect(writeDataKey(dataKeyPath(dataDir), Buffer.alloc(32, 2))).toEqual(first)
  expect(readdirSync(dataDir)).toEqual(['secrets.key'])
})
