import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { attributesOf, zonesOf } from '../commands/hosts.ts'
import { UsageError } from '../failures.ts'
import { proxyConfiguration } from './endpoint-proxy.ts'
import { hostCgroups } from './host-cgroups.ts'
import {
  forgetHost,
  freeNumbers,
  type HostRecord,
  machineName,
  readHosts,
  readImages,
  rememberImages,
  withHostsLocked,
  writeHost,
} from './host-records.ts'
import { newHosts } from './local-hosts.ts'

const surroundings = {
  random: (size: number) => new Uint8Array(size),
  now: new Date(0),
  region: 'us-east-1',
}
const wanted = { count: 3, cluster: 'default', zones: [], attributes: [], images: [] }
const make = (change: Partial<typeof wanted | { zones: string[] }> = {}, known: HostRecord[] = []) =>
  newHosts(known, { ...wanted, ...change }, surroundings)

describe('new hosts', () => {
  it('get the zones in turns, and the first zone of the region when none is named', () => {
    const zones = ['us-east-1a', 'us-east-1b']
    expect(make({ zones }).map(({ zone }) => zone)).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1a'])
    expect(make().map(({ zone }) => zone)).toEqual(['us-east-1a', 'us-east-1a', 'us-east-1a'])
  })

  it('take the lowest numbers that are free, and none when all are taken', () => {
    const known = make().filter(({ number }) => number !== 2)
    expect(make({ count: 2 }, known).map(({ name }) => name)).toEqual(['host-2', 'host-4'])
    const all = freeNumbers([], 1_000)
    expect(all).toHaveLength(250)
  })

  it('have an access key each, that of an agent', () => {
    expect(make({ count: 1 })[0]?.accessKeyId).toMatch(/^AKIAHOST[A-Z2-7]{12}$/)
  })
})

describe('the records of hosts', () => {
  let dataDir: string
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'berth-hosts-'))
  })
  afterEach(() => rmSync(dataDir, { recursive: true }))

  it('are read as they were written, by number, until they are forgotten', () => {
    expect(readHosts(dataDir)).toEqual([])
    const hosts = make({ count: 11 })
    for (const host of hosts.toReversed()) writeHost(dataDir, host)
    expect(readHosts(dataDir)).toEqual(hosts)
    forgetHost(dataDir, 'host-2')
    expect(readHosts(dataDir).map(({ number }) => number)).toEqual([1, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })

  it('remember each image once', () => {
    rememberImages(dataDir, ['a:1', 'b:1'])
    rememberImages(dataDir, ['b:1', 'c:1'])
    expect(readImages(dataDir)).toEqual(['a:1', 'b:1', 'c:1'])
  })

  it('are changed by one command at a time', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const first = withHostsLocked(dataDir, () => promise)
    await expect(withHostsLocked(dataDir, async () => {}, 1)).rejects.toThrow(/Another `berth hosts`/)
    resolve()
    await first
    expect(await withHostsLocked(dataDir, async () => 'done', 1)).toBe('done')
  })
})

test('What a data directory has on the machine is named for it alone', () => {
  expect(machineName('/a', 'host-1')).toMatch(/^berth-[0-9a-f]{8}-host-1$/)
  expect(machineName('/a')).not.toBe(machineName('/b'))
})

test('The proxy listens in the switch alone, and takes no requests to the names and pages of the machine itself', () => {
  const lines = proxyConfiguration('berth-1', 4977).split('\n')
  expect(lines).toContain('  bind 10.246.0.254:4566 namespace berth-1')
  expect(lines).toContain('  server berth 127.0.0.1:4977')
  expect(lines).toContain('  http-request deny unless { req.hdr(host) -m str 10.246.0.254:4566 }')
})

describe('the cgroups of a host', () => {
  it('are one in each hierarchy of version 1', () => {
    const mounts = [
      '31 25 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw',
      '32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu',
      '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
    ].join('\n')
    expect(hostCgroups(mounts, 'h')).toEqual({
      directories: ['/sys/fs/cgroup/cpu/h', '/sys/fs/cgroup/unified/h'],
      leaf: undefined,
    })
  })

  it('are one in version 2, whose own processes are in a leaf', () => {
    expect(hostCgroups('32 31 0:29 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw', 'h')).toEqual({
      directories: ['/sys/fs/cgroup/h'],
      leaf: '/sys/fs/cgroup/h/init',
    })
  })
})

describe('flags', () => {
  it('name a zone of the region by its letter, or any zone whole', () => {
    expect(zonesOf({ zone: ['b', 'rack-7'] }, 'eu-west-1')).toEqual(['eu-west-1b', 'rack-7'])
    expect(() => zonesOf({ zone: ['no zone'] }, 'eu-west-1')).toThrow(UsageError)
  })

  it('give attributes as pairs', () => {
    expect(attributesOf({ attribute: ['rack=r1', 'url=http://a'] })).toEqual([
      { name: 'rack', value: 'r1' },
      { name: 'url', value: 'http://a' },
    ])
    for (const pair of ['rack', 'rack=', '=r1', 'a=b,c=d'])
      expect(() => attributesOf({ attribute: [pair] })).toThrow(UsageError)
  })
})
