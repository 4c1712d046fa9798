/** HAProxy's files on the host's disk: keys are among them, so only root reads any. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { HaproxyFiles } from './configuration/configuration.ts'
import type { IngressPlaces } from './configuration/places.ts'
import type { LoadBalancerView } from './configuration/view.ts'

const secret = { mode: 0o600 } as const

export const prepareDirectory = ({ directory }: IngressPlaces): void => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
}

const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** In one step: what reads the file meanwhile finds the old one or the new one. */
export const writeWhole = (path: string, text: string): void => {
  const unfinished = `${path}.new`
  writeFileSync(unfinished, text, secret)
  renameSync(unfinished, path)
}

/** Of what takes a reload to change: targets are not in it. */
export const fingerprintOf = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex')

const firstLine = (fingerprint: string): string => `# ${fingerprint}\n`

/** The fingerprint of the configuration that HAProxy was last given; undefined: none. */
export const writtenFingerprint = ({ configuration }: IngressPlaces): string | undefined =>
  /^# ([0-9a-f]{64})\n/.exec(readIfThere(configuration) ?? '')?.[1]

/** Load balancers as HAProxy took them last, whose newest configuration it refuses. */
export const readTakenViews = ({ takenViews }: IngressPlaces): readonly LoadBalancerView[] =>
  JSON.parse(readIfThere(takenViews) ?? '[]') as LoadBalancerView[]

export const writeTakenViews = ({ takenViews }: IngressPlaces, views: readonly LoadBalancerView[]): void => {
  const text = JSON.stringify(views)
  if (views.length === 0) rmSync(takenViews, { force: true })
  else if (readIfThere(takenViews) !== text) writeWhole(takenViews, text)
}

export interface WrittenFiles {
  /** As they were before: HAProxy does not take the new ones. */
  takeBack(): void
  /** Away with what the configuration names no longer. */
  tidy(): void
}

const lasting = (places: IngressPlaces): ReadonlySet<string> =>
  new Set(
    [
      places.configuration,
      places.masterSocket,
      places.statsSocket,
      places.peersSocket,
      places.serverState,
      places.loginSocket,
      places.logFile,
    ].map(path => basename(path)),
  )

export const writeFiles = (places: IngressPlaces, files: HaproxyFiles, fingerprint: string): WrittenFiles => {
  const all = new Map([...files.others, [places.configuration, firstLine(fingerprint) + files.configuration]])
  const before = new Map([...all.keys()].map(path => [path, readIfThere(path)]))
  for (const [path, text] of all) if (before.get(path) !== text) writeWhole(path, text)
  return {
    takeBack: () => {
      for (const [path, text] of before) {
        if (text === undefined) rmSync(path, { force: true })
        else writeWhole(path, text)
      }
    },
    tidy: () => removeBut(places, all, files.configuration),
  }
}

/** Sockets are HAProxy's own, and named in its configuration alone. */
const removeBut = (
  places: IngressPlaces,
  files: ReadonlyMap<string, string>,
  configuration: string,
): void => {
  const kept = lasting(places)
  for (const name of readdirSync(places.directory)) {
    const path = join(places.directory, name)
    if (kept.has(name) || files.has(path) || configuration.includes(path)) continue
    if (/\.(pem|crt-list|new|sock)$/.test(name)) rmSync(path)
  }
}

/** A host that carries no load balancer has none of their keys, and no configuration that names them. */
export const removeFiles = (places: IngressPlaces): void => {
  for (const path of [places.configuration, places.takenViews]) rmSync(path, { force: true })
  removeBut(places, new Map(), '')
}
