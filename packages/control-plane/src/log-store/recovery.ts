import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Catalog } from './catalog.ts'
import { type Manifest, readManifest, writeManifest } from './manifest.ts'
import { MemoryTable } from './memory-table.ts'
import { openSegment, type SegmentFile } from './segment.ts'
import type { SegmentState } from './segment-set.ts'
import { Sources } from './sources.ts'
import { readWriteAheadLog } from './write-ahead-log.ts'

export interface Recovered {
  readonly catalog: Catalog
  readonly sources: Sources
  readonly segments: SegmentState
  readonly memory: MemoryTable
  readonly nextLog: number
  readonly nextSequence: number
}

const logPattern = /^log-(\d{10})$/
const segmentPattern = /^segment-(\d{10})$/

export const logFileName = (number: number): string => `log-${String(number).padStart(10, '0')}`

/** Finds everything that was acknowledged before the last stop, however that came. */
export const recover = async (options: {
  directory: string
  report: (problem: string) => void
}): Promise<Recovered> => {
  const { directory, report } = options
  const names = (await readdir(directory)).sort()
  const manifest = (await readManifest(directory)) ?? (await startManifest(directory, names))
  const catalog = new Catalog()
  const files = await openSegments(directory, manifest.segments, catalog, report)
  await removeLeftovers(directory, names, manifest)
  const sources = new Sources(manifest.sources)
  const memory = new MemoryTable()
  let nextSequence = manifest.nextSequence
  for (const name of names) {
    if (numberIn(logPattern, name) < manifest.firstLog) continue
    const path = join(directory, name)
    memory.logPaths.push(path)
    for (const record of (await readWriteAheadLog(path)).records) {
      const { source, entries, ingestedAt } = record
      if (entries.count > 0) nextSequence = Math.max(nextSequence, entries.sequence(entries.count - 1) + 1)
      // Its sender never heard of a batch whose sync failed, and sent it again: the second one is doubled.
      if (source && sources.reserve(source) !== undefined) continue
      if (source) sources.confirm(source, ingestedAt)
      memory.add(catalog, record)
    }
  }
  const nextSegment = 1 + Math.max(0, ...names.map(name => numberIn(segmentPattern, name)))
  const nextLog = Math.max(manifest.firstLog, ...names.map(name => numberIn(logPattern, name) + 1))
  const { firstLog } = manifest
  const segments = { files, nextSegment, firstLog, sources: manifest.sources, nextSequence }
  return { catalog, sources, segments, memory, nextLog, nextSequence }
}

/** The number in a file's name, or -1. */
const numberIn = (pattern: RegExp, name: string): number => Number(pattern.exec(name)?.[1] ?? -1)

/** A new store; or one whose manifest was lost, which then consists of all segments that are there. */
const startManifest = async (directory: string, names: readonly string[]): Promise<Manifest> => {
  const segments = names.filter(name => segmentPattern.test(name))
  const manifest: Manifest = { version: 1, segments, firstLog: 0, nextSequence: 1, sources: {} }
  await writeManifest(directory, manifest)
  return manifest
}

/** A damaged segment is set aside and reported: the others are worth having. */
const openSegments = async (
  directory: string,
  names: readonly string[],
  catalog: Catalog,
  report: (problem: string) => void,
): Promise<SegmentFile[]> => {
  const files: SegmentFile[] = []
  for (const name of names) {
    const path = join(directory, name)
    try {
      const { segment, streams } = await openSegment(name, path)
      files.push(segment)
      for (const { groupId, streamId, blocks } of streams) catalog.addStored(groupId, streamId, blocks)
    } catch (error) {
      report(`A segment of log events cannot be read and is set aside: ${error}`)
      await rename(path, `${path}.damaged`).catch((cause: unknown) => report(`${path}: ${cause}`))
    }
  }
  return files
}

const removeLeftovers = async (
  directory: string,
  names: readonly string[],
  manifest: Manifest,
): Promise<void> => {
  for (const name of names) {
    const isOldLog = logPattern.test(name) && numberIn(logPattern, name) < manifest.firstLog
    const isLooseSegment = segmentPattern.test(name) && !manifest.segments.includes(name)
    if (isOldLog || isLooseSegment) await rm(join(directory, name), { force: true })
  }
}
