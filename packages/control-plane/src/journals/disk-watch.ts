import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { type DiskLevel, diskLevel, RESERVE_BYTES } from '../control-loop/disk-guard.ts'

const CHECK_EVERY_MS = 5_000
const BLOCK_BYTES = 1024 * 1024

export interface DiskWatchOptions {
  readonly directory: string
  readonly onChange: (level: DiskLevel, freeBytes: number) => void
  /** The disk could not be looked at, or the reserve not be made; the level stays as it was. */
  readonly onFault: (error: unknown) => void
  /** For tests: how many bytes an unprivileged process may still write. */
  readonly freeBytes?: (directory: string) => Promise<number>
}

/** Looks at the free space of the data directory's disk, and keeps the reserve file. */
export class DiskWatch {
  readonly #options: DiskWatchOptions
  readonly #reserve: string
  #level: DiskLevel = 'ok'
  #freeBytes = 0
  #timer: NodeJS.Timeout | undefined
  #checking: Promise<void> | undefined

  constructor(options: DiskWatchOptions) {
    this.#options = options
    this.#reserve = join(options.directory, 'berth.reserve')
  }

  get level(): DiskLevel {
    return this.#level
  }

  /** Bytes that an unprivileged process could still write at the last look; the reserve is not among them. */
  get freeBytes(): number {
    return this.#freeBytes
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    await mkdir(this.#options.directory, { recursive: true, mode: 0o700 })
    await this.check()
    this.#timer = setInterval(() => void this.check(), CHECK_EVERY_MS)
    this.#timer.unref()
  }

  /** Resolves when a look that is under way has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#checking
  }

  /** Looks now; a look that is under way is shared. */
  check(): Promise<void> {
    this.#checking ??= this.#look()
      .catch(this.#options.onFault)
      .finally(() => {
        this.#checking = undefined
      })
    return this.#checking
  }

  async #look(): Promise<void> {
    const { directory, onChange, freeBytes = readFreeBytes } = this.#options
    const free = await freeBytes(directory)
    const held = await this.#isHeld()
    const level = diskLevel(free, held)
    const changed = level !== this.#level
    this.#level = level
    this.#freeBytes = free
    if (changed) onChange(level, free)
    if (level === 'mutations-refused') await rm(this.#reserve, { force: true })
    else if (!held) await this.#allocate()
  }

  async #isHeld(): Promise<boolean> {
    const found = await stat(this.#reserve).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    return found?.size === RESERVE_BYTES
  }

  /** Written out with random bytes: a file of holes, or one that compresses, would reserve nothing. */
  async #allocate(): Promise<void> {
    const partial = `${this.#reserve}.partial`
    try {
      const file = await open(partial, 'w', 0o600)
      try {
        const block = randomBytes(BLOCK_BYTES)
        for (let written = 0; written < RESERVE_BYTES; written += BLOCK_BYTES) await file.write(block)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(partial, this.#reserve)
    } catch (error) {
      await rm(partial, { force: true })
      throw error
    }
  }
}

const readFreeBytes = async (directory: string): Promise<number> => {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}
