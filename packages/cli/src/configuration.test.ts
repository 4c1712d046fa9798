import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configurationEnvironment, resolveConfiguration } from './configuration.ts'
import { UsageError } from './failures.ts'

describe('the configuration', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'berth-configuration-'))
    file = join(folder, 'berth.json')
    writeFileSync(file, JSON.stringify({ port: 1, region: 'eu-west-1', accountId: '111111111111' }))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('takes a flag before the environment, the environment before the file, the file before the default', () => {
    const configuration = resolveConfiguration(
      { port: '3', config: file },
      { BERTH_PORT: '2', BERTH_REGION: 'us-west-2' },
    )
    expect(configuration).toMatchObject({ port: 3, region: 'us-west-2', accountId: '111111111111' })
    expect(resolveConfiguration({ 'data-dir': '/d' }, {})).toMatchObject({
      port: 4566,
      region: 'us-east-1',
      accountId: '000000000000',
      dataDir: '/d',
    })
  })

  it('reaches started programs unchanged through their environment', () => {
    const configuration = resolveConfiguration(
      { 'data-dir': '/d', port: '9', 'root-access-key-id': 'A', 'root-secret-access-key': 'S' },
      {},
    )
    expect(resolveConfiguration({}, configurationEnvironment(configuration))).toEqual(configuration)
  })

  it.each([
    [{ port: 'http' }, 'The port must be a number from 0 to 65535.'],
    [{ 'account-id': '12' }, 'The account id must have 12 digits.'],
    [{ region: 'Mars' }, 'The region must look like us-east-1, not Mars.'],
    [
      { 'root-access-key-id': 'A' },
      'Give the root access key id and the root secret access key together, or neither.',
    ],
    [{ config: '/nowhere.json' }, 'There is no configuration file /nowhere.json.'],
  ])('refuses %j with a sentence', (flags, message) => {
    expect(() => resolveConfiguration(flags, {})).toThrow(new UsageError(message))
  })

  it('refuses a key in the file that it does not know', () => {
    writeFileSync(file, JSON.stringify({ prot: 1 }))
    expect(() => resolveConfiguration({ config: file }, {})).toThrow(/unknown key prot/)
  })
})
