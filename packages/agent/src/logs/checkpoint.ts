import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FilePosition } from './log-file-chain.ts'

/** How far a source was acknowledged. */
export interface Checkpoint {
  readonly version: 1
  /** Names the source to the control plane, which refuses what it took before. */
  readonly source: string
  readonly position: FilePosition
  /** Time of the newest event that was shipped. */
  readonly latest: number
}

/**
 * A file for each source. Not synced: after a power failure an older one is found, and the control plane says how far
 * it got.
 */
export class Checkpoints {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  async read(runtimeId: string): Promise<Checkpoint | undefined> {
    const text = await readFile(this.#path(runtimeId), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    try {
      const checkpoint = text === undefined ? undefined : (JSON.parse(text) as Checkpoint)
      return checkpoint?.version === 1 ? checkpoint : undefined
    } catch {
      // Torn by a power failure: as if there were none.
      return undefined
    }
  }

  async write(runtimeId: string, checkpoint: Checkpoint): Promise<void> {
    const path = this.#path(runtimeId)
    await mkdir(this.#directory, { recursive: true })
    await writeFile(`${path}.new`, JSON.stringify(checkpoint))
    await rename(`${path}.new`, path)
  }

  async remove(runtimeId: string): Promise<void> {
    await rm(this.#path(runtimeId), { force: true })
  }

  #path(runtimeId: string): string {
    if (!/^[\w.-]+$/.test(runtimeId)) throw new Error(`'${runtimeId}' is no container id`)
    return join(this.#directory, `${runtimeId}.json`)
  }
}
