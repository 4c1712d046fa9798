import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'

/** How far a source was taken, and when last. */
export interface SourceState {
  readonly taken: number
  readonly at: number
}

/** What the directory's files mean. Replaced as a whole, so that a crash leaves the old one or the new one. */
export interface Manifest {
  readonly version: 1
  /** Oldest first. Segments that are not named are leftovers of a crash. */
  readonly segments: readonly string[]
  /** Write-ahead logs with smaller numbers are contained in the segments. */
  readonly firstLog: number
  /** A lower bound: the write-ahead logs go on from here. */
  readonly nextSequence: number
  /** As of the begin of the log `firstLog`. */
  readonly sources: Readonly<Record<string, SourceState>>
}

const fileName = 'manifest.json'

/** Undefined in a new directory. Throws when the file is no manifest of this version. */
export const readManifest = async (directory: string): Promise<Manifest | undefined> => {
  const path = join(directory, fileName)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const manifest = JSON.parse(text) as Manifest
  if (manifest.version !== 1)
    throw new Error(`${path} was written by another release (version ${manifest.version})`)
  return manifest
}

export const writeManifest = async (directory: string, manifest: Manifest): Promise<void> => {
  const path = join(directory, fileName)
  const file = await open(`${path}.new`, 'w')
  try {
    await file.writeFile(JSON.stringify(manifest))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
  await syncDirectory(directory)
}

/** Makes new names in the directory survive a power failure. */
export const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
