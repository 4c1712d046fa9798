import { describe, expect, it } from 'vitest'
import type { EbsVolume } from './driver.ts'
import { FakeDisks, Killed } from './fake-disks.ts'
import { LoopDeviceDriver } from './loop-device-driver.ts'

const directory = '/data/ebs'
const volume: EbsVolume = { volumeId: 'vol-1', sizeInGiB: 8, filesystemType: 'xfs' }
const file = `${directory}/volumes/vol-1.img`
const snapshot = `${directory}/snapshots/snap-1.img`

const start = () => {
  const disks = new FakeDisks()
  return { disks, driver: new LoopDeviceDriver(directory, disks) }
}

describe('a snapshot on a host', () => {
  it('is a copy of a volume that is frozen meanwhile when it is mounted, and goes on after it', async () => {
    const { disks, driver } = start()
    await driver.attach(volume)
    await driver.createSnapshot('snap-1', 'vol-1')
    expect(disks.files.get(snapshot)).toMatchObject({ copyOf: file, filesystem: 'xfs' })
    expect(disks.frozen.size).toBe(0)
  })

  it('is made of a volume that is not mounted, and made once', async () => {
    const { disks, driver } = start()
    await driver.attach(volume)
    await driver.detach('vol-1')
    await driver.createSnapshot('snap-1', 'vol-1')
    await driver.delete('vol-1')
    await driver.createSnapshot('snap-1', 'vol-1')
    expect([...disks.files.keys()]).toEqual([snapshot])
  })

  it('never lets its volume be unmounted while it is frozen', async () => {
    const { disks, driver } = start()
    await driver.attach(volume)
    await Promise.all([driver.createSnapshot('snap-1', 'vol-1'), driver.delete('vol-1')])
    expect([...disks.files.keys()]).toEqual([snapshot])
    expect(disks.mounts.size).toBe(0)
  })

  it('is refused when there is no such volume, or no room for its copy', async () => {
    const { disks, driver } = start()
    await expect(driver.createSnapshot('snap-1', 'vol-1')).rejects.toThrow(
      'this container instance does not have the volume vol-1',
    )
    await driver.attach(volume)
    disks.files.set(file, { bytes: 8, allocatedBytes: 60 * 1024 ** 3, filesystem: 'xfs', formats: 1 })
    await expect(driver.createSnapshot('snap-1', 'vol-1')).rejects.toThrow(
      'a snapshot of volume vol-1: 60 GiB are needed, and this container instance has 40 GiB',
    )
    expect(disks.frozen.size).toBe(0)
    expect(disks.files.has(snapshot)).toBe(false)
  })

  it('is removed, also twice, and leaves the volumes that began as it', async () => {
    const { disks, driver } = start()
    await driver.attach(volume)
    await driver.createSnapshot('snap-1', 'vol-1')
    await driver.attach({ volumeId: 'vol-2', filesystemType: 'xfs', snapshotId: 'snap-1' })
    await driver.deleteSnapshot('snap-1')
    await driver.deleteSnapshot('snap-1')
    expect([...disks.files.keys()]).toEqual([file, `${directory}/volumes/vol-2.img`])
  })
})

describe('an agent that dies while it makes a snapshot', () => {
  const moments = Array.from(
    { length: 16 },
    (_, index) => [1 + Math.floor(index / 2), index % 2 === 1] as const,
  )
  it.each(moments)('(step %i, after it: %s) lets the volume go on in its next life', async (step, after) => {
    const { disks, driver } = start()
    await driver.attach(volume)
    disks.dieAt(step, after)
    await driver.createSnapshot('snap-1', 'vol-1').catch(error => {
      if (!(error instanceof Killed)) throw error
    })
    disks.live()
    const next = new LoopDeviceDriver(directory, disks)
    await next.recover()
    expect(disks.frozen.size).toBe(0)
    expect([...disks.files.keys()].filter(path => path.endsWith('.new'))).toEqual([])
    await next.createSnapshot('snap-1', 'vol-1')
    expect(disks.files.get(snapshot)?.copyOf).toBe(file)
  })
})
