import { expect, test } from 'vitest'
import { EncryptedElsewhere } from '../services/encryption.ts'
import { createEncryption } from './encryption.ts'

const key = Buffer.alloc(32, 1)
const { encrypt, decrypt } = createEncryption(key)
const value = Buffer.from('hunter2 ✓')

test('a value comes back as it was, and looks different each time it is encrypted', () => {
  expect(decrypt(encrypt(value, 'row:1'), 'row:1')).toEqual(value)
  expect(encrypt(value, 'row:1')).not.toBe(encrypt(value, 'row:1'))
  expect(encrypt(value, 'row:1')).not.toContain('hunter2')
})

test('a value of one row or version is none of another', () => {
  expect(() => decrypt(encrypt(value, 'row:1'), 'row:2')).toThrow()
})

test('a changed value is refused', () => {
  const [keyId, text = ''] = encrypt(value, 'row:1').split('.')
  const bytes = Buffer.from(text, 'base64')
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes)
    changed[i] = (changed[i] ?? 0) ^ 1
    expect(() => decrypt(`${keyId}.${changed.toString('base64')}`, 'row:1')).toThrow()
  }
})

test('a value of another server is told from a damaged one', () => {
  const other = createEncryption(Buffer.alloc(32, 2))
  expect(() => other.decrypt(encrypt(value, 'row:1'), 'row:1')).toThrow(EncryptedElsewhere)
  expect([other, createEncryption(key)].map(({ isOwn }) => isOwn(encrypt(value, 'row:1')))).toEqual([
    false,
    true,
  ])
})
