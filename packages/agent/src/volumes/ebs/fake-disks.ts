/** A host's disks in memory, for tests: the agent can be killed before or after any of its steps. */
import type { Disks } from './disks.ts'
import type { Filesystem } from './driver.ts'

interface FakeFile {
  bytes: number
  allocatedBytes: number
  filesystem?: Filesystem
  formats: number
  /** What it is a copy of. */
  copyOf?: string
}

/** The agent died here. */
export class Killed extends Error {}

const steps = [
  'makeDirectory',
  'removeDirectory',
  'create',
  'copy',
  'extend',
  'format',
  'rename',
  'remove',
  'attach',
  'detach',
  'mount',
  'unmount',
  'grow',
  'share',
  'freeze',
  'thaw',
] as const satisfies readonly (keyof Disks)[]

export class FakeDisks implements Disks {
  readonly files = new Map<string, FakeFile>()
  readonly directories = new Set<string>()
  /** By device. */
  readonly devices = new Map<string, string>()
  /** By directory. */
  readonly mounts = new Map<string, string>()
  readonly grown: string[] = []
  /** By directory. */
  readonly groups = new Map<string, number>()
  readonly frozen = new Set<string>()
  diskBytes = 100 * 1024 ** 3
  /** Something holds every mounted directory. */
  isBusy = false
  /** Something holds every device: the kernel lets go of it later. */
  isHeld = false
  #nextDevice = 0
  #stepsLeft = Number.POSITIVE_INFINITY
  #diesAfterTheStep = false

  constructor() {
    for (const step of steps) this.#interrupt(step)
  }

  /** Dies at the `count`-th change from now, before it or just after it. */
  dieAt(count: number, after: boolean): void {
    this.#stepsLeft = count
    this.#diesAfterTheStep = after
  }

  live(): void {
    this.#stepsLeft = Number.POSITIVE_INFINITY
  }

  /** Power off, and on again: files stay. */
  restartHost(): void {
    this.devices.clear()
    this.mounts.clear()
    this.frozen.clear()
  }

  #interrupt(step: (typeof steps)[number]): void {
    // biome-ignore lint/suspicious/noExplicitAny: every step is wrapped alike
    const original = (this[step] as any).bind(this)
    Object.assign(this, {
      [step]: async (...args: unknown[]) => {
        if (this.#stepsLeft <= 0) throw new Killed()
        this.#stepsLeft--
        const isLast = this.#stepsLeft === 0
        if (isLast && !this.#diesAfterTheStep) throw new Killed()
        const answer = await original(...args)
        if (isLast) throw new Killed()
        return answer
      },
    })
  }

  async freeBytes(): Promise<number> {
    return [...this.files.values()].reduce((free, file) => free - file.allocatedBytes, this.diskBytes)
  }

  async sizeOf(path: string) {
    return this.files.get(path)
  }

  async list(directory: string): Promise<readonly string[]> {
    return [...this.files.keys(), ...this.directories]
      .filter(path => path.startsWith(`${directory}/`))
      .map(path => path.slice(directory.length + 1))
  }

  async makeDirectory(path: string): Promise<void> {
    this.directories.add(path)
  }

  async removeDirectory(path: string): Promise<void> {
    if (this.mounts.has(path)) throw new Error('Device or resource busy')
    this.directories.delete(path)
  }

  async create(path: string, bytes: number): Promise<void> {
    if (this.files.has(path)) throw new Error('File exists')
    this.files.set(path, { bytes, allocatedBytes: 0, formats: 0 })
  }

  async copy(from: string, to: string): Promise<void> {
    const isMounted = [...this.mounts].some(
      ([directory, device]) => this.devices.get(device) === from && !this.frozen.has(directory),
    )
    if (isMounted) throw new Error(`${from} changes while it is copied`)
    this.files.set(to, { ...this.#file(from), copyOf: from })
  }

  async extend(path: string, bytes: number): Promise<void> {
    this.#file(path).bytes = Math.max(bytes, this.#file(path).bytes)
  }

  async format(path: string, filesystem: Filesystem): Promise<void> {
    const file = this.#file(path)
    file.filesystem = filesystem
    file.formats++
  }

  async filesystemOf(path: string): Promise<string | undefined> {
    return this.#file(path).filesystem
  }

  async rename(from: string, to: string): Promise<void> {
    this.files.set(to, this.#file(from))
    this.files.delete(from)
  }

  async remove(path: string): Promise<void> {
    if ([...this.devices.values()].includes(path)) throw new Error(`${path} is attached`)
    this.files.delete(path)
  }

  async deviceOf(path: string): Promise<string | undefined> {
    return [...this.devices].find(([, file]) => file === path)?.[0]
  }

  async attach(path: string): Promise<string> {
    this.#file(path)
    if (await this.deviceOf(path)) throw new Error(`a second device for ${path}`)
    const device = `/dev/loop${this.#nextDevice++}`
    this.devices.set(device, path)
    return device
  }

  async detach(device: string): Promise<void> {
    if (this.isHeld || [...this.mounts.values()].includes(device)) return
    this.devices.delete(device)
  }

  async isMounted(directory: string): Promise<boolean> {
    return this.mounts.has(directory)
  }

  async mount(device: string, directory: string, filesystem: Filesystem): Promise<void> {
    if (this.mounts.has(directory)) throw new Error(`${directory} is mounted already`)
    if (!this.directories.has(directory)) throw new Error(`${directory} does not exist`)
    if (this.#file(this.devices.get(device) ?? '').filesystem !== filesystem)
      throw new Error('wrong fs type, bad option, bad superblock')
    this.mounts.set(directory, device)
  }

  async unmount(directory: string): Promise<void> {
    if (this.frozen.has(directory)) throw new Error(`${directory} is frozen for ever`)
    if (this.isBusy) throw new Error(`umount: ${directory}: target is busy.`)
    this.mounts.delete(directory)
  }

  async freeze(directory: string): Promise<void> {
    if (!this.mounts.has(directory)) throw new Error(`the file system of the host is frozen by ${directory}`)
    if (this.frozen.has(directory)) throw new Error('Device or resource busy')
    this.frozen.add(directory)
  }

  async thaw(directory: string): Promise<void> {
    this.frozen.delete(directory)
  }

  async share(directory: string, groupId: number): Promise<void> {
    this.groups.set(directory, groupId)
  }

  async grow(directory: string): Promise<void> {
    this.grown.push(directory)
  }

  #file(path: string): FakeFile {
    const file = this.files.get(path)
    if (!file) throw new Error(`${path}: No such file or directory`)
    return file
  }
}
