import { describe, expect, it } from 'vitest'
import type { EbsVolume } from './driver.ts'
import { FakeDisks, Killed } from './fake-disks.ts'
import { LoopDeviceDriver } from './loop-device-driver.ts'

const gibibyte = 1024 ** 3
const directory = '/data/ebs'
const volume: EbsVolume = { volumeId: 'vol-0123456789abcdef0', sizeInGiB: 8, filesystemType: 'xfs' }
const file = `${directory}/volumes/${volume.volumeId}.img`
const mount = `${directory}/mounts/${volume.volumeId}`

const start = () => {
  const disks = new FakeDisks()
  return { disks, driver: new LoopDeviceDriver(directory, disks) }
}

const leftOf = (disks: FakeDisks) => ({
  files: [...disks.files.keys()],
  devices: disks.devices.size,
  mounts: disks.mounts.size,
  directories: [...disks.directories].filter(path => path.startsWith(`${directory}/mounts/`)),
})
const nothing = { files: [], devices: 0, mounts: 0, directories: [] }

describe('an EBS volume on a host', () => {
  it('is a file of its size with its file system, attached once and mounted once', async () => {
    const { disks, driver } = start()
    expect(await driver.attach(volume)).toBe(mount)
    expect(await driver.attach(volume)).toBe(mount)
    expect(disks.files.get(file)).toMatchObject({ bytes: 8 * gibibyte, filesystem: 'xfs', formats: 1 })
    expect([...disks.devices.values()]).toEqual([file])
    expect([...disks.mounts.keys()]).toEqual([mount])
  })

  it('keeps what was written when it is detached, and is mounted again without being formatted', async () => {
    const { disks, driver } = start()
    await driver.attach(volume)
    await driver.detach(volume.volumeId)
    expect(leftOf(disks)).toEqual({ ...nothing, files: [file] })
    await driver.attach(volume)
    expect(disks.files.get(file)?.formats).toBe(1)
  })

  it('gets its device and its mount again after the host was restarted', async () => {
    const { disks, driver } = start()
    await driver.attach(volume)
    disks.restartHost()
    await driver.attach(volume)
    expect(disks.files.get(file)?.formats).toBe(1)
    expect([disks.devices.size, disks.mounts.size]).toEqual([1, 1])
  })

  it('is not detached while something uses it', async () => {
    const { disks, driver } = start()
    await driver.attach(volume)
    disks.isBusy = true
    await expect(driver.delete(volume.volumeId)).rejects.toThrow('target is busy')
    expect(disks.files.has(file)).toBe(true)
  })

  it('is not said to be detached while the kernel keeps its device', async () => {
    const { disks, driver } = start()
    await driver.attach(volume)
    disks.isHeld = true
    await expect(driver.delete(volume.volumeId)).rejects.toThrow('is still in use')
    disks.isHeld = false
    await driver.delete(volume.volumeId)
    expect(leftOf(disks)).toEqual(nothing)
  })

  it('leaves nothing when it is deleted, and may be deleted again', async () => {
    const { disks, driver } = start()
    await driver.attach(volume)
    await driver.delete(volume.volumeId)
    await driver.delete(volume.volumeId)
    expect(leftOf(disks)).toEqual(nothing)
  })

  it('is refused when the room for it is promised to other volumes', async () => {
    const { disks, driver } = start()
    disks.diskBytes = 20 * gibibyte
    await driver.attach({ ...volume, sizeInGiB: 15 })
    await expect(driver.attach({ ...volume, volumeId: 'vol-2' })).rejects.toThrow(
      'volume vol-2: 8 GiB are needed, and this container instance has 5 GiB for more EBS volumes',
    )
    expect(disks.files.size).toBe(1)
  })

  it('begins as a copy of its snapshot, as large as it was asked for', async () => {
    const { disks, driver } = start()
    const snapshot = `${directory}/snapshots/snap-1.img`
    disks.files.set(snapshot, { bytes: gibibyte, allocatedBytes: 0, filesystem: 'ext4', formats: 1 })
    await driver.attach({ ...volume, filesystemType: 'ext4', snapshotId: 'snap-1' })
    expect(disks.files.get(file)).toMatchObject({ bytes: 8 * gibibyte, copyOf: snapshot, formats: 1 })
    expect(disks.grown).toEqual([mount])
  })

  it('is as large as its snapshot when no size is asked for, and never smaller', async () => {
    const { disks, driver } = start()
    const snapshot = `${directory}/snapshots/snap-1.img`
    disks.files.set(snapshot, { bytes: 2 * gibibyte, allocatedBytes: 0, filesystem: 'xfs', formats: 1 })
    await driver.attach({ volumeId: 'vol-1', filesystemType: 'xfs', snapshotId: 'snap-1' })
    expect(disks.files.get(`${directory}/volumes/vol-1.img`)?.bytes).toBe(2 * gibibyte)
    await expect(driver.attach({ ...volume, sizeInGiB: 1, snapshotId: 'snap-1' })).rejects.toThrow(
      'it is smaller than its snapshot, which has 2 GiB',
    )
  })

  it('is refused when its snapshot is not here, or holds another file system', async () => {
    const { disks, driver } = start()
    await expect(driver.attach({ ...volume, snapshotId: 'snap-1' })).rejects.toThrow(
      'does not have the snapshot snap-1',
    )
    const snapshot = `${directory}/snapshots/snap-1.img`
    disks.files.set(snapshot, { bytes: gibibyte, allocatedBytes: 0, filesystem: 'ext4', formats: 1 })
    await expect(driver.attach({ ...volume, snapshotId: 'snap-1' })).rejects.toThrow(
      'holds the file system ext4, not xfs',
    )
    expect(await driver.list()).toEqual([])
  })

  it('is listed as long as there is something of it', async () => {
    const { driver } = start()
    await driver.attach(volume)
    expect(await driver.list()).toEqual([volume.volumeId])
    await driver.delete(volume.volumeId)
    expect(await driver.list()).toEqual([])
  })
})

/** Every moment at which the agent can die while it does something: [step, before or after it]. */
const moments = Array.from(
  { length: 24 },
  (_, index) => [1 + Math.floor(index / 2), index % 2 === 1] as const,
)

const dyingAt = async (
  disks: FakeDisks,
  [step, after]: readonly [number, boolean],
  work: () => Promise<unknown>,
): Promise<boolean> => {
  disks.dieAt(step, after)
  try {
    await work()
    return false
  } catch (error) {
    if (!(error instanceof Killed)) throw error
    return true
  } finally {
    disks.live()
  }
}

describe('an agent that dies at any moment', () => {
  it.each(moments)(
    'of an attachment (step %i, after it: %s) attaches once, and formats once',
    async (...moment) => {
      const { disks, driver } = start()
      await dyingAt(disks, moment, () => driver.attach(volume))
      const formatsBefore = disks.files.get(file)?.formats
      const next = new LoopDeviceDriver(directory, disks)
      expect(await next.attach(volume)).toBe(mount)
      expect([...disks.files.keys()]).toEqual([file])
      expect(disks.files.get(file)?.formats).toBe(formatsBefore ?? 1)
      expect([disks.devices.size, disks.mounts.size]).toEqual([1, 1])
      await next.delete(volume.volumeId)
      expect(leftOf(disks)).toEqual(nothing)
    },
  )

  it.each(moments)(
    'of an attachment (step %i, after it: %s) leaves nothing that a deletion does not find',
    async (...moment) => {
      const { disks, driver } = start()
      await dyingAt(disks, moment, () => driver.attach(volume))
      await new LoopDeviceDriver(directory, disks).delete(volume.volumeId)
      expect(leftOf(disks)).toEqual(nothing)
    },
  )

  it.each(moments)('of a deletion (step %i, after it: %s) ends it in its next life', async (...moment) => {
    const { disks, driver } = start()
    await driver.attach(volume)
    await dyingAt(disks, moment, () => driver.delete(volume.volumeId))
    await new LoopDeviceDriver(directory, disks).delete(volume.volumeId)
    expect(leftOf(disks)).toEqual(nothing)
  })

  it('leaves no half-made volume to its next life, and every other', async () => {
    const { disks, driver } = start()
    await driver.attach({ ...volume, volumeId: 'vol-2' })
    await dyingAt(disks, [3, true], () => driver.attach(volume))
    expect((await driver.list()).length).toBe(2)
    await new LoopDeviceDriver(directory, disks).recover()
    expect(await driver.list()).toEqual(['vol-2'])
  })

  it('has been tried at every one of its steps', async () => {
    const { disks, driver } = start()
    const isPast = !(await dyingAt(disks, [moments.length / 2, true], () => driver.attach(volume)))
    expect(isPast).toBe(true)
  })
})
