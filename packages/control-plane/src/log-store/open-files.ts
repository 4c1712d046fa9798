import { type FileHandle, open } from 'node:fs/promises'
import type { OpenFiles } from './block.ts'

/** The files of one read or one rewrite, opened when first needed. */
export class SegmentReader implements OpenFiles {
  readonly report: (problem: string) => void
  readonly #files = new Map<string, FileHandle | undefined>()

  constructor(report: (problem: string) => void) {
    this.report = report
  }

  async read(path: string, offset: number, length: number): Promise<Buffer | undefined> {
    const file = this.#files.has(path) ? this.#files.get(path) : await this.#open(path)
    if (!file) return undefined
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset)
    return buffer.subarray(0, bytesRead)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map(file => file?.close()))
  }

  async #open(path: string): Promise<FileHandle | undefined> {
    const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    this.#files.set(path, file)
    return file
  }
}
