/** What the host's kernel and tools do with files that are disks. */
import type { Filesystem } from './driver.ts'

export interface Disks {
  /** Bytes that the file system of a directory has left. */
  freeBytes(directory: string): Promise<number>
  /** Undefined when there is no such file. */
  sizeOf(path: string): Promise<DiskSize | undefined>
  /** The names in a directory. */
  list(directory: string): Promise<readonly string[]>
  makeDirectory(path: string): Promise<void>
  /** Only an empty one; nothing when there is none. */
  removeDirectory(path: string): Promise<void>
  /** A file that takes no room before it is written to. */
  create(path: string, bytes: number): Promise<void>
  copy(from: string, to: string): Promise<void>
  /** Makes a disk larger, and its file system too if that is done unmounted. */
  extend(path: string, bytes: number, filesystem: Filesystem): Promise<void>
  format(path: string, filesystem: Filesystem): Promise<void>
  /** The file system that a disk holds, for instance `ext4`. */
  filesystemOf(path: string): Promise<string | undefined>
  /** Once it resolves, the file has its new name also after a power failure, with all that was written to it. */
  rename(from: string, to: string): Promise<void>
  /** Nothing when there is no such file. */
  remove(path: string): Promise<void>
  /** The device, for instance `/dev/loop3`, that stands for the file. */
  deviceOf(path: string): Promise<string | undefined>
  /** Never a second device for one file. */
  attach(path: string): Promise<string>
  detach(device: string): Promise<void>
  isMounted(directory: string): Promise<boolean>
  mount(device: string, directory: string, filesystem: Filesystem): Promise<void>
  /** Its group may read and write, and what is made in it belongs to that group, too. */
  share(directory: string, groupId: number): Promise<void>
  /** Fails while something uses it. */
  unmount(directory: string): Promise<void>
  /** Lets what is written wait until `thaw`, and what was written be on the disk. Only a mounted directory. */
  freeze(directory: string): Promise<void>
  /** Nothing when it is not frozen. */
  thaw(directory: string): Promise<void>
  /** Makes a file system that only grows while it is mounted as large as its disk. */
  grow(directory: string, filesystem: Filesystem): Promise<void>
}

export interface DiskSize {
  readonly bytes: number
  /** What it takes of the host's disk so far. */
  readonly allocatedBytes: number
}
