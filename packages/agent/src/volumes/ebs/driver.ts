/** What keeps the EBS volumes of a host: a driver makes them of something that the host has. */
export const filesystems = ['ext3', 'ext4', 'xfs'] as const
export type Filesystem = (typeof filesystems)[number]

export interface EbsVolume {
  /** `vol-` and 17 hexadecimal digits. */
  readonly volumeId: string
  /** Absent: as large as its snapshot. */
  readonly sizeInGiB?: number
  readonly filesystemType: Filesystem
  /** The volume begins as a copy of it. */
  readonly snapshotId?: string
  /** A group that may read and write in it, besides root. */
  readonly groupId?: number
}

/** Everything may be asked again, by this life of the agent or a later one: what is done already stays as it is. */
export interface EbsDriver {
  /** Makes the volume unless it is there, and mounts it once; resolves with where. Fails with VolumeError. */
  attach(volume: EbsVolume): Promise<string>
  /** Unmounts the volume and lets go of its device; what was written stays. Fails while something uses the volume. */
  detach(volumeId: string): Promise<void>
  /** Removes a volume that nothing uses, with all that was written. */
  delete(volumeId: string): Promise<void>
  /**
   * Copies a volume as it is at one moment, whether it is mounted or not. Resolves when the copy is durable. Fails with
   * VolumeError when there is no such volume, or no room.
   */
  createSnapshot(snapshotId: string, volumeId: string): Promise<void>
  /** Removes a snapshot; volumes that began as it stay. */
  deleteSnapshot(snapshotId: string): Promise<void>
  /** The volumes that there is something of on this host, mounted or not. */
  list(): Promise<readonly string[]>
}

/** A volume cannot be had; `message` says which, why, and what to do. Asking again does not help. */
export class VolumeError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'VolumeError'
  }
}
