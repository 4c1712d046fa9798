import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { install, isInstalled, type Machine, remove, systemResolverOf } from './system-resolver.ts'

let machine: Machine
let restarts: number
const file = (path: string): string => join(machine.root, path)
const read = (path: string): string => readFileSync(file(path), 'utf8')
const write = (path: string, text: string): void => {
  mkdirSync(join(file(path), '..'), { recursive: true })
  writeFileSync(file(path), text)
}

beforeEach(() => {
  restarts = 0
  machine = {
    root: mkdtempSync(join(tmpdir(), 'berth-dns-')),
    restartResolved: async () => {
      restarts += 1
    },
  }
})
afterEach(() => rmSync(machine.root, { recursive: true }))

const original = 'search example.com\nnameserver 192.0.2.1\n'

describe('on a machine with a resolv.conf of its own', () => {
  beforeEach(() => write('etc/resolv.conf', original))

  it("Berth's resolver is asked first, and the others after it", async () => {
    expect(await install(machine)).toEqual({ kind: 'resolv.conf' })
    expect(read('etc/resolv.conf')).toMatch(
      /^# Berth begins.*\nnameserver 169\.254\.170\.53\n# Berth ends\.\nsearch/,
    )
    expect(read('etc/resolv.conf.before-berth')).toBe(original)
    expect(await isInstalled(machine)).toBe(true)
    const once = read('etc/resolv.conf')
    await install(machine)
    expect([read('etc/resolv.conf'), read('etc/resolv.conf.before-berth')]).toEqual([once, original])
  })

  it('it is taken away again, and what others have changed meanwhile stays', async () => {
    await install(machine)
    write('etc/resolv.conf', `${read('etc/resolv.conf')}options timeout:1\n`)
    await remove(machine)
    expect(read('etc/resolv.conf')).toBe(`${original}options timeout:1\n`)
    expect(await isInstalled(machine)).toBe(false)
    await remove(machine)
    expect(read('etc/resolv.conf')).toBe(`${original}options timeout:1\n`)
  })
})

describe('on a machine with systemd-resolved', () => {
  beforeEach(() => {
    write('run/systemd/resolve/stub-resolv.conf', 'nameserver 127.0.0.53\n')
    mkdirSync(file('etc'))
    symlinkSync('../run/systemd/resolve/stub-resolv.conf', file('etc/resolv.conf'))
  })

  it("Berth's names alone are asked of Berth's resolver", async () => {
    expect(await install(machine)).toEqual({ kind: 'systemd-resolved' })
    expect(read('etc/systemd/resolved.conf.d/berth.conf')).toContain(
      '[Resolve]\nDNS=169.254.170.53\nDomains=~berth.internal\n',
    )
    await install(machine)
    expect(restarts).toBe(1)
    await remove(machine)
    expect([await isInstalled(machine), restarts]).toEqual([false, 2])
    expect(read('etc/resolv.conf')).toBe('nameserver 127.0.0.53\n')
  })
})

it('a resolv.conf that another program writes is left alone', async () => {
  write('run/NetworkManager/resolv.conf', original)
  mkdirSync(file('etc'))
  symlinkSync('../run/NetworkManager/resolv.conf', file('etc/resolv.conf'))
  expect((await systemResolverOf(machine)).kind).toBe('other')
  await expect(install(machine)).rejects.toThrow(/NetworkManager\/resolv\.conf, which another program writes/)
  expect(read('etc/resolv.conf')).toBe(original)
})
