import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dataKeyPath, readDataKey, writeDataKey } from './data-key.ts'
import { keyBackupPath, restoreKey, withKeyBackup } from './key-backup.ts'

let directory: string
let file: string
const key = Buffer.alloc(32, 1)
const other = Buffer.alloc(32, 2)
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-key-backup-'))
  file = join(directory, 'copy')
  mkdirSync(join(directory, 'data'))
})
afterEach(() => rmSync(directory, { recursive: true }))
const data = () => join(directory, 'data')

test('the key is beside the backup, readable by its owner only, and comes back with it', () => {
  writeDataKey(dataKeyPath(data()), key)
  expect(withKeyBackup(data(), file, () => {})).toBe(true)
  expect(statSync(keyBackupPath(file)).mode & 0o777).toBe(0o600)
  const restored = join(directory, 'restored')
  expect(restoreKey(file, restored)).toBe(true)
  expect(readDataKey(dataKeyPath(restored))).toEqual(key)
})

test('a backup that fails leaves no key behind', () => {
  writeDataKey(dataKeyPath(data()), key)
  const fails = () =>
    withKeyBackup(data(), file, () => {
      throw new Error('no room')
    })
  expect(fails).toThrow('no room')
  expect(readdirSync(directory)).toEqual(['data'])
})

test('no key is ever replaced by another', () => {
  writeDataKey(dataKeyPath(data()), key)
  writeDataKey(keyBackupPath(file), other)
  expect(() => withKeyBackup(data(), file, () => {})).toThrow('holds another key')
  expect(() => restoreKey(file, data())).toThrow('holds another key')
  expect(readDataKey(dataKeyPath(data()))).toEqual(key)
  expect(readDataKey(keyBackupPath(file))).toEqual(other)
})

test('what has no key is backed up and restored without one', () => {
  expect(withKeyBackup(data(), file, () => {})).toBe(false)
  expect(restoreKey(file, data())).toBe(false)
})
