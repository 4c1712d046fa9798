import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isWireGuardKey, readOrMakeKeys } from './wireguard-keys.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-keys-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64')

test('a host makes its keys once, and nobody else can read the private one', () => {
  const keys = readOrMakeKeys(directory)
  const file = join(directory, 'wireguard.key')
  expect(readFileSync(file, 'utf8')).toBe(`${keys.privateKey}\n`)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(isWireGuardKey(keys.publicKey)).toBe(true)
  expect(readOrMakeKeys(directory)).toEqual(keys)
})

test('the public key is that of the private one', () => {
  // As `wg pubkey` says.
  const privateKey = base64('77076d0a7318a57d3c16c17251b26645df4c2f92ebc0992ac177fba51db92c2a')
  writeFileSync(join(directory, 'wireguard.key'), privateKey)
  expect(readOrMakeKeys(directory).publicKey).toBe(
    base64('f8a9535a2d2ff605e8e144d54f4ef5c62313a2055dbb21fddd3fd9c299eb015d'),
  )
})

test('a file that is no key is left, and named', () => {
  writeFileSync(join(directory, 'wireguard.key'), 'half a k')
  expect(() => readOrMakeKeys(directory)).toThrow('wireguard.key holds no private key')
  expect(readFileSync(join(directory, 'wireguard.key'), 'utf8')).toBe('half a k')
})

test('a key is 32 bytes, in the one way of writing them', () => {
  const key = Buffer.alloc(32, 7).toString('base64')
  expect(isWireGuardKey(key)).toBe(true)
  for (const text of [
    `${key.slice(0, -2)}d=`,
    key.slice(0, -1),
    `${key}\n`,
    Buffer.alloc(31).toString('base64'),
    '',
  ])
    expect(isWireGuardKey(text), text).toBe(false)
})
