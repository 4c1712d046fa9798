import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLog } from '../log.ts'
import { keepNetworkServicesAway } from './network-services.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'berth-etc-'))
})
afterEach(() => rmSync(root, { recursive: true }))

test('services that are there are told to leave the links alone, and only those', async () => {
  mkdirSync(join(root, 'etc/NetworkManager'), { recursive: true })
  await keepNetworkServicesAway(silentLog, root)
  const file = join(root, 'etc/NetworkManager/conf.d/10-berth.conf')
  expect(readFileSync(file, 'utf8')).toBe(
    '[keyfile]\nunmanaged-devices+=interface-name:bvp*,interface-name:bwg*\n',
  )
  expect(existsSync(join(root, 'etc/systemd'))).toBe(false)
})

test('what was told already is not written again', async () => {
  mkdirSync(join(root, 'etc/systemd/network'), { recursive: true })
  const told: string[] = []
  const log = { ...silentLog, info: (_details: object, message: string) => void told.push(message) }
  await keepNetworkServicesAway(log, root)
  const file = join(root, 'etc/systemd/network/10-berth.network')
  const before = statSync(file).mtimeMs
  await keepNetworkServicesAway(log, root)
  expect(told).toHaveLength(1)
  expect(statSync(file).mtimeMs).toBe(before)
})
