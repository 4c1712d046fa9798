import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { RESERVE_BYTES } from '../control-loop/disk-guard.ts'
import { DiskWatch } from './disk-watch.ts'

const MIB = 1024 * 1024
const directories: string[] = []
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
})

const start = async (free: number) => {
  const parent = mkdtempSync(join(tmpdir(), 'berth-disk-'))
  directories.push(parent)
  const directory = join(parent, 'data')
  const onChange = vi.fn()
  const onFault = vi.fn()
  const freeBytes = vi.fn(async () => free)
  const watch = new DiskWatch({ directory, onChange, onFault, freeBytes })
  await watch.start()
  const reserve = join(directory, 'berth.reserve')
  const become = async (bytes: number) => {
    freeBytes.mockResolvedValue(bytes)
    await watch.check()
    return watch.level
  }
  return { watch, onChange, onFault, reserve, become, freeBytes }
}

it('refuses logs below 1 GiB and mutations below 256 MiB, and gives up its reserve only for the latter', async () => {
  const { watch, onChange, reserve, become } = await start(5000 * MIB)
  expect([watch.level, statSync(reserve).size]).toEqual(['ok', RESERVE_BYTES])
  expect(await become(1023 * MIB)).toBe('logs-refused')
  expect(existsSync(reserve)).toBe(true)
  expect(await become(255 * MIB)).toBe('mutations-refused')
  expect(existsSync(reserve)).toBe(false)
  expect(onChange.mock.calls).toEqual([
    ['logs-refused', 1023 * MIB],
    ['mutations-refused', 255 * MIB],
  ])
  await watch.stop()
})

it('does not take its own reserve for free space, and makes it again when space returns', async () => {
  const { watch, reserve, become } = await start(200 * MIB)
  expect([watch.level, existsSync(reserve)]).toEqual(['mutations-refused', false])
  expect(await become(255 * MIB + RESERVE_BYTES)).toBe('mutations-refused')
  expect(await become(256 * MIB + RESERVE_BYTES)).toBe('logs-refused')
  expect(statSync(reserve).size).toBe(RESERVE_BYTES)
  expect(await become(255 * MIB)).toBe('mutations-refused')
  // What its release gave back is no reason to let mutations in again.
  expect(await become(255 * MIB + RESERVE_BYTES)).toBe('mutations-refused')
  expect(existsSync(reserve)).toBe(false)
  await watch.stop()
})

it('reports a disk that it cannot look at, and keeps its level', async () => {
  const { watch, onFault, freeBytes } = await start(100 * MIB)
  freeBytes.mockRejectedValue(new Error('no such disk'))
  await watch.check()
  expect(onFault).toHaveBeenCalledWith(expect.objectContaining({ message: 'no such disk' }))
  expect(watch.level).toBe('mutations-refused')
  await watch.stop()
})
