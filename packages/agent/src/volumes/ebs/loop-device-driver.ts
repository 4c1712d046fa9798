/**
 * EBS volumes as files: each is a sparse file with a file system, attached as a loop device and mounted.
 * A file gets its name once it is formatted, so that a volume is formatted once, whenever the agent or the host dies.
 */
import { join } from 'node:path'
import { createGate, createKeyedGate } from '../../tasks/gate.ts'
import type { Disks } from './disks.ts'
import { type EbsDriver, type EbsVolume, VolumeError } from './driver.ts'

const gibibyte = 1024 ** 3
const inGiB = (bytes: number): number => Math.floor(bytes / gibibyte)
const ending = '.img'
/** The name of a file that is not a volume yet. */
const unfinished = '.new'

export class LoopDeviceDriver implements EbsDriver {
  readonly #directory: string
  readonly #disks: Disks
  /** One after the other, so that no two count on the same room. */
  readonly #creations = createGate(1)
  /** What is done with a volume is done one after the other: what is frozen must not be unmounted. By its id. */
  readonly #volumes = createKeyedGate()

  /** `directory` is absolute: `volumes`, `snapshots` and `mounts` are in it. */
  constructor(directory: string, disks: Disks) {
    this.#directory = directory
    this.#disks = disks
  }

  attach(volume: EbsVolume): Promise<string> {
    return this.#volumes.run(volume.volumeId, () => this.#attach(volume))
  }

  detach(volumeId: string): Promise<void> {
    return this.#volumes.run(volumeId, () => this.#detach(volumeId))
  }

  delete(volumeId: string): Promise<void> {
    return this.#volumes.run(volumeId, async () => {
      await this.#detach(volumeId)
      await this.#disks.remove(this.#fileOf(volumeId) + unfinished)
      await this.#disks.remove(this.#fileOf(volumeId))
    })
  }

  async createSnapshot(snapshotId: string, volumeId: string): Promise<void> {
    const path = this.#snapshotFileOf(snapshotId)
    await this.#volumes.run(volumeId, () => this.#creations.run(() => this.#copyTo(path, volumeId)))
  }

  async deleteSnapshot(snapshotId: string): Promise<void> {
    await this.#creations.run(async () => {
      await this.#disks.remove(this.#snapshotFileOf(snapshotId) + unfinished)
      await this.#disks.remove(this.#snapshotFileOf(snapshotId))
    })
  }

  async #attach(volume: EbsVolume): Promise<string> {
    const disks = this.#disks
    const path = this.#fileOf(volume.volumeId)
    const directory = this.#mountOf(volume.volumeId)
    if (!(await disks.sizeOf(path))) await this.#creations.run(() => this.#create(volume, path))
    if (!(await disks.isMounted(directory))) {
      const device = (await disks.deviceOf(path)) ?? (await disks.attach(path))
      await disks.makeDirectory(directory)
      await disks.mount(device, directory, volume.filesystemType)
    }
    if (volume.snapshotId !== undefined) await disks.grow(directory, volume.filesystemType)
    if (volume.groupId !== undefined) await disks.share(directory, volume.groupId)
    return directory
  }

  async #detach(volumeId: string): Promise<void> {
    const disks = this.#disks
    const directory = this.#mountOf(volumeId)
    if (await disks.isMounted(directory)) await disks.unmount(directory)
    await disks.removeDirectory(directory)
    const path = this.#fileOf(volumeId)
    if (!(await disks.sizeOf(path))) return
    const device = await disks.deviceOf(path)
    if (device === undefined) return
    await disks.detach(device)
    // The kernel keeps a device that is in use, and says that it is gone.
    if (await disks.deviceOf(path)) throw new Error(`${device} of volume ${volumeId} is still in use`)
  }

  async list(): Promise<readonly string[]> {
    const files = await this.#disks.list(join(this.#directory, 'volumes'))
    const volumes = files.map(name => name.replace(unfinished, '').replace(ending, ''))
    return [...new Set([...volumes, ...(await this.#disks.list(join(this.#directory, 'mounts')))])]
  }

  /** Ends what an earlier life of the agent had not finished: what it made is incomplete, what it froze must go on. */
  async recover(): Promise<void> {
    const disks = this.#disks
    for (const name of await disks.list(join(this.#directory, 'mounts')))
      if (await disks.isMounted(this.#mountOf(name))) await disks.thaw(this.#mountOf(name))
    for (const folder of [join(this.#directory, 'volumes'), join(this.#directory, 'snapshots')])
      for (const name of await disks.list(folder))
        if (name.endsWith(unfinished)) await disks.remove(join(folder, name))
  }

  async #copyTo(path: string, volumeId: string): Promise<void> {
    const disks = this.#disks
    if (await disks.sizeOf(path)) return
    const volume = this.#fileOf(volumeId)
    const size = await disks.sizeOf(volume)
    if (!size) throw new VolumeError(`this container instance does not have the volume ${volumeId}`)
    await disks.makeDirectory(join(this.#directory, 'snapshots'))
    await disks.remove(path + unfinished)
    await this.#checkRoom(`a snapshot of volume ${volumeId}`, size.allocatedBytes)
    await this.#whileFrozen(this.#mountOf(volumeId), () => disks.copy(volume, path + unfinished))
    await disks.rename(path + unfinished, path)
  }

  /** A directory that is no mount is part of the host's own file system, which must not be frozen. */
  async #whileFrozen(directory: string, work: () => Promise<void>): Promise<void> {
    if (!(await this.#disks.isMounted(directory))) return work()
    try {
      await this.#disks.freeze(directory)
      await work()
    } finally {
      await this.#disks.thaw(directory)
    }
  }

  async #create(volume: EbsVolume, path: string): Promise<void> {
    const disks = this.#disks
    await disks.makeDirectory(join(this.#directory, 'volumes'))
    // Whatever an earlier life of the agent began is not worth finding out.
    await disks.remove(path + unfinished)
    const snapshot = await this.#snapshotOf(volume)
    const bytes = volume.sizeInGiB === undefined ? (snapshot?.bytes ?? 0) : volume.sizeInGiB * gibibyte
    if (snapshot && bytes < snapshot.bytes)
      throw new VolumeError(
        `volume ${volume.volumeId}: it is smaller than its snapshot, which has ${inGiB(snapshot.bytes)} GiB`,
      )
    await this.#checkRoom(`volume ${volume.volumeId}`, bytes)
    if (snapshot) {
      await disks.copy(snapshot.path, path + unfinished)
      await disks.extend(path + unfinished, bytes, volume.filesystemType)
    } else {
      await disks.create(path + unfinished, bytes)
      await disks.format(path + unfinished, volume.filesystemType)
    }
    await disks.rename(path + unfinished, path)
  }

  async #snapshotOf({ volumeId, snapshotId, filesystemType }: EbsVolume) {
    if (snapshotId === undefined) return undefined
    const path = this.#snapshotFileOf(snapshotId)
    const size = await this.#disks.sizeOf(path)
    if (!size)
      throw new VolumeError(
        `volume ${volumeId}: this container instance does not have the snapshot ${snapshotId}`,
      )
    const found = await this.#disks.filesystemOf(path)
    if (found !== filesystemType)
      throw new VolumeError(
        `volume ${volumeId}: the snapshot ${snapshotId} holds the file system ${found ?? 'none'}, not ${filesystemType}`,
      )
    return { path, bytes: size.bytes }
  }

  /** The volumes that are there may still grow to their full sizes: that room is theirs. */
  async #checkRoom(what: string, bytes: number): Promise<void> {
    const folder = join(this.#directory, 'volumes')
    let free = await this.#disks.freeBytes(folder)
    for (const name of await this.#disks.list(folder)) {
      const size = await this.#disks.sizeOf(join(folder, name))
      if (size) free -= Math.max(0, size.bytes - size.allocatedBytes)
    }
    if (free < bytes)
      throw new VolumeError(
        `${what}: ${inGiB(bytes)} GiB are needed, and this container instance has ${inGiB(Math.max(0, free))} GiB for more EBS volumes`,
      )
  }

  #fileOf(volumeId: string): string {
    return join(this.#directory, 'volumes', volumeId + ending)
  }

  #snapshotFileOf(snapshotId: string): string {
    return join(this.#directory, 'snapshots', snapshotId + ending)
  }

  #mountOf(volumeId: string): string {
    return join(this.#directory, 'mounts', volumeId)
  }
}
