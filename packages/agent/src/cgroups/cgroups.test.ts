import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCgroupFiles, parseMounts } from './cgroup-files.ts'
import { filesOfVersion1, filesOfVersion2 } from './cgroup-limits.ts'
import { createCgroupSlices } from './cgroup-slices.ts'

let host: string
beforeEach(() => {
  host = mkdtempSync(join(tmpdir(), 'berth-cgroups-'))
})
afterEach(() => rmSync(host, { recursive: true, force: true }))

const said = (path: string): string => readFileSync(join(host, path), 'utf8')

/** Ordinary directories, as a kernel without cgroup files in them. */
const version1 = (...controllers: string[]) => {
  for (const controller of controllers) mkdirSync(join(host, controller), { recursive: true })
  const directories = new Map(controllers.map(controller => [controller, join(host, controller)]))
  return createCgroupFiles(() => Promise.resolve({ version: '1', directories }))
}

const version2 = () => {
  for (const directory of ['', 'ecs']) {
    mkdirSync(join(host, directory), { recursive: true })
    writeFileSync(join(host, directory, 'cgroup.subtree_control'), 'memory pids\n')
  }
  return createCgroupFiles(() => Promise.resolve({ version: '2', directories: new Map([['unified', host]]) }))
}

test('version 1 has a mount for each controller, and what the engine fills beside them, version 2 one for all', () => {
  const lines = [
    '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755',
    '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct',
    '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory',
    '40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd',
    '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
  ].join('\n')
  expect(Object.fromEntries(parseMounts(lines, '1').directories)).toEqual({
    cpu: '/sys/fs/cgroup/cpu,cpuacct',
    cpuacct: '/sys/fs/cgroup/cpu,cpuacct',
    memory: '/sys/fs/cgroup/memory',
    'name=systemd': '/sys/fs/cgroup/systemd',
    unified: '/sys/fs/cgroup/unified',
  })
  expect(Object.fromEntries(parseMounts(lines, '2').directories)).toEqual({
    unified: '/sys/fs/cgroup/unified',
  })
})

test('a task of half a vCPU gets half of each period, and half the weight of a vCPU', () => {
  expect(filesOfVersion1({ cpu: 0.5, memory: 512 })).toEqual([
    { controller: 'cpu', name: 'cpu.cfs_period_us', content: '100000' },
    { controller: 'cpu', name: 'cpu.cfs_quota_us', content: '50000' },
    { controller: 'cpu', name: 'cpu.shares', content: '512' },
    { controller: 'memory', name: 'memory.limit_in_bytes', content: '536870912' },
  ])
  expect(filesOfVersion2({ cpu: 0.5, memory: 512 })).toEqual([
    { controller: 'cpu', name: 'cpu.max', content: '50000 100000' },
    { controller: 'cpu', name: 'cpu.weight', content: '20' },
    { controller: 'memory', name: 'memory.max', content: '536870912' },
  ])
})

test('what a task does not limit is not written', () => {
  expect(filesOfVersion1({ memory: 6 }).map(file => file.name)).toEqual(['memory.limit_in_bytes'])
  expect(filesOfVersion2({ cpu: 1 }).map(file => file.name)).toEqual(['cpu.max', 'cpu.weight'])
})

test('version 1: the limits are in a cgroup below each controller, made as often as asked', async () => {
  const cgroups = version1('cpu', 'memory')
  for (let round = 0; round < 2; round++) await cgroups.create('t1', { cpu: 1, memory: 64 })
  expect(said('cpu/ecs/t1/cpu.cfs_quota_us')).toBe('100000')
  expect(said('memory/ecs/t1/memory.limit_in_bytes')).toBe('67108864')
  expect(cgroups.parentOf('t1')).toBe('/ecs/t1')
})

test('version 2: the controllers are passed on from the top', async () => {
  await version2().create('t1', { cpu: 2, memory: 64 })
  expect(said('ecs/t1/cpu.max')).toBe('200000 100000')
  expect(said('cgroup.subtree_control')).toBe('+cpu')
  expect(said('ecs/cgroup.subtree_control')).toBe('+cpu')
})

test('removing takes what the engine made of the same name, and does nothing the second time', async () => {
  const cgroups = version1('cpu', 'memory', 'pids')
  mkdirSync(join(host, 'pids/ecs/t1/container'), { recursive: true })
  mkdirSync(join(host, 'pids/ecs/t2'), { recursive: true })
  for (let round = 0; round < 2; round++) await cgroups.remove('t1')
  expect(existsSync(join(host, 'pids/ecs/t1'))).toBe(false)
  expect(existsSync(join(host, 'pids/ecs/t2'))).toBe(true)
})

test('a host without the controller, or one that cannot be written, is refused with the reason', async () => {
  await expect(version1('cpu').create('t1', { memory: 64 })).rejects.toThrow(
    'the memory cgroups of this host are not mounted',
  )
  const cgroups = version1('memory')
  writeFileSync(join(host, 'memory/ecs'), 'in the way')
  await expect(cgroups.create('t1', { memory: 64 })).rejects.toThrow(/EEXIST|ENOTDIR/)
})

test.each(['', '..', 'a/b'])('no directory is made or removed for the task id "%s"', async taskId => {
  const cgroups = version1('memory')
  await expect(cgroups.create(taskId, { memory: 64 })).rejects.toThrow('is no id of a task')
  await expect(cgroups.remove(taskId)).rejects.toThrow('is no id of a task')
})

test('a slice that is not there is none to remove, but another failure is told', async () => {
  const absent = createCgroupSlices(() => Promise.reject(new Error('Unit ecstasks-t1.slice not loaded.')))
  await absent.remove('t1')
  const failing = createCgroupSlices(() => Promise.reject(new Error('Access denied')))
  await expect(failing.remove('t1')).rejects.toThrow('Access denied')
})

test('systemd gets a slice with the limits, and stops it after the task', async () => {
  const asked: string[][] = []
  const slices = createCgroupSlices(async (...words) => void asked.push(words))
  await slices.create('t1', { cpu: 0.25, memory: 64 })
  await slices.remove('t1')
  expect(slices.parentOf('t1')).toBe('ecstasks-t1.slice')
  expect(asked).toEqual([
    [
      ...['set-property', '--runtime', 'ecstasks-t1.slice'],
      ...['CPUQuota=25%', 'CPUQuotaPeriodSec=100ms', 'CPUWeight=10', 'MemoryMax=67108864'],
    ],
    ['start', 'ecstasks-t1.slice'],
    ['stop', 'ecstasks-t1.slice'],
    ['revert', 'ecstasks-t1.slice'],
  ])
})
