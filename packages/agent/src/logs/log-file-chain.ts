import { createHash } from 'node:crypto'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { rotatedFiles } from './json-file-options.ts'

/** A place in everything that a container ever logged, and how to find it again among rotated files. */
export interface FilePosition {
  /** Bytes in the files before this one. */
  readonly base: number
  readonly offset: number
  readonly inode: string
  /** Checksum of the file's first bytes: inodes are used again. */
  readonly head: { readonly length: number; readonly sha256: string }
}

interface OpenFile {
  readonly handle: FileHandle
  readonly inode: bigint
  readonly base: number
}

/** Bytes of a file's head that identify it: its first line has a time in nanoseconds. */
const headBytes = 256

/**
 * A container's log as one run of bytes, across the engine's rotation (log → log.1 → log.2 …): offsets count from the
 * container's first byte. Files stay open until they are passed, so that a rotation never takes away what is unread.
 */
export class LogFileChain {
  readonly #path: string
  readonly #report: (problem: string) => void
  #files: OpenFile[]

  private constructor(path: string, files: OpenFile[], report: (problem: string) => void) {
    this.#path = path
    this.#files = files
    this.#report = report
  }

  /** Undefined while there is no file. Without a position it begins with the oldest file. */
  static async open(
    path: string,
    position: FilePosition | undefined,
    report: (problem: string) => void,
  ): Promise<{ chain: LogFileChain; start: number; isComplete: boolean } | 'renaming' | undefined> {
    const files = await listed(path)
    const start = position ? position.base + position.offset : 0
    for (const candidate of position ? files : []) {
      const file = await openFile(candidate.path, position?.base ?? 0)
      if (file && position && (await isSame(file, position)))
        return { chain: new LogFileChain(path, [file], report), start, isComplete: true }
      await file?.handle.close()
    }
    const oldest = files.at(-1)
    if (!oldest) return undefined
    const file = await openFile(oldest.path, start)
    if (file?.inode !== oldest.inode || !isDeepStrictEqual(files, await listed(path))) {
      await file?.handle.close()
      return 'renaming'
    }
    if (position) report(`${path} was rotated away before it was read: lines are lost`)
    return { chain: new LogFileChain(path, [file], report), start, isComplete: files.length < rotatedFiles }
  }

  /** Bytes from an offset on; fewer than `maxBytes` only at the end of what is written. */
  async read(from: number, maxBytes: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(maxBytes)
    let length = 0
    while (length < maxBytes) {
      const bytesRead = await this.#readOnce(buffer, length, from + length)
      length += bytesRead
      if (bytesRead === 0 && !(await this.#follow())) break
    }
    return buffer.subarray(0, length)
  }

  /** Closes files that end before the offset, and says where it lies. */
  async passTo(offset: number): Promise<FilePosition> {
    for (let next = this.#files[1]; next && next.base <= offset; next = this.#files[1])
      await this.#files.shift()?.handle.close()
    const [file] = this.#files
    if (!file) throw new Error('the log file chain is closed')
    const inFile = offset - file.base
    const head = await headOf(file.handle, Math.min(inFile, headBytes))
    return { base: file.base, offset: inFile, inode: String(file.inode), head }
  }

  async close(): Promise<void> {
    await Promise.all(this.#files.splice(0).map(file => file.handle.close()))
  }

  async #readOnce(buffer: Buffer, at: number, offset: number): Promise<number> {
    const file = this.#files.findLast(({ base }) => base <= offset) ?? this.#files[0]
    if (!file) throw new Error('the log file chain is closed')
    const { bytesRead } = await file.handle.read(buffer, at, buffer.length - at, offset - file.base)
    return bytesRead
  }

  /** Opens the file that came after the newest open one; false when there is none yet, or the engine is renaming. */
  async #follow(): Promise<boolean> {
    const newest = this.#files.at(-1)
    if (!newest) throw new Error('the log file chain is closed')
    const files = await listed(this.#path)
    const index = files.findIndex(({ inode }) => inode === newest.inode)
    // Gone from the list: what came after it is gone, too, as far as anybody knows, and the oldest comes next.
    const next = files.at(index - 1)
    if (index === 0 || !next) return false
    const successor = await openFile(next.path, newest.base + (await newest.handle.stat()).size)
    if (!successor) return false
    // Only when nothing was renamed meanwhile is it the right one, and the size of the one before it final.
    if (successor.inode !== next.inode || !isDeepStrictEqual(files, await listed(this.#path))) {
      await successor.handle.close()
      return false
    }
    if (index < 0) this.#report(`${this.#path} was rotated away before it was read: lines are lost`)
    this.#files.push(successor)
    return true
  }
}

/** The log's files that there are, newest first. */
const listed = async (path: string): Promise<{ path: string; inode: bigint }[]> => {
  const files: { path: string; inode: bigint }[] = []
  for (let index = 0; index <= rotatedFiles; index++) {
    const candidate = index === 0 ? path : `${path}.${index}`
    const found = await stat(candidate, { bigint: true }).catch(ifMissing)
    if (found) files.push({ path: candidate, inode: found.ino })
  }
  return files
}

const ifMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error
}

const openFile = async (path: string, base: number): Promise<OpenFile | undefined> => {
  const handle = await open(path, 'r').catch(ifMissing)
  if (!handle) return undefined
  const { ino } = await handle.stat({ bigint: true })
  return { handle, inode: ino, base }
}

const isSame = async ({ handle, inode }: OpenFile, { inode: wanted, head, offset }: FilePosition) => {
  if (String(inode) !== wanted || (await handle.stat()).size < offset) return false
  return (await headOf(handle, head.length)).sha256 === head.sha256
}

const headOf = async (handle: FileHandle, length: number): Promise<FilePosition['head']> => {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0)
  const sha256 = createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('base64')
  return { length, sha256 }
}
