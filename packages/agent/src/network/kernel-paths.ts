/** What the kernel has of the routes of a namespace, in the words of routes.ts, and how to make it what it should be. */
import { overlayLink } from './names.ts'
import type { Within } from './namespaces.ts'
import { type Paths, withoutMask } from './routes.ts'

type Row = Readonly<Record<string, unknown>>

const textOf = (row: Row, name: string): string | undefined =>
  row[name] === undefined ? undefined : String(row[name])

const hasFlag = (row: Row, flag: string): boolean =>
  Array.isArray(row['flags']) && row['flags'].includes(flag)

const routeOf = (row: Row): string => {
  const destination = withoutMask(textOf(row, 'dst') ?? '')
  if (row['type'] === 'blackhole') return `blackhole ${destination}`
  const gateway = textOf(row, 'gateway')
  return [
    destination,
    ...(gateway === undefined ? [] : ['via', gateway]),
    'dev',
    textOf(row, 'dev') ?? '',
    ...(hasFlag(row, 'onlink') ? ['onlink'] : []),
  ].join(' ')
}

const neighbourOf = (row: Row): string =>
  `${textOf(row, 'dst')} lladdr ${textOf(row, 'lladdr')} dev ${textOf(row, 'dev')}`

const isPermanent = (row: Row): boolean =>
  Array.isArray(row['state']) && row['state'].includes('PERMANENT') && row['lladdr'] !== undefined

const overlayEntryOf = (row: Row): string =>
  `${textOf(row, 'mac')} dev ${textOf(row, 'ifname')} dst ${textOf(row, 'dst')}`

export const readPaths = async (namespace: Within): Promise<Paths> => {
  const [routes, routes6, neighbours, overlay] = (await Promise.all([
    namespace.read('-4', 'route', 'show', 'table', 'main'),
    namespace.read('-6', 'route', 'show', 'table', 'main'),
    namespace.read('neigh', 'show', 'nud', 'permanent'),
    namespace.readBridge('fdb', 'show'),
  ])) as [Row[], Row[], Row[], Row[]]
  return {
    routes: new Set([...routes, ...routes6].map(routeOf)),
    neighbours: new Set(neighbours.filter(isPermanent).map(neighbourOf)),
    overlay: new Set(
      overlay.filter(row => row['ifname'] === overlayLink && row['dst'] !== undefined).map(overlayEntryOf),
    ),
  }
}

const missing = (from: ReadonlySet<string>, of: ReadonlySet<string>): string[] =>
  from === of ? [] : [...of].filter(line => !from.has(line))

export interface PathChanges {
  readonly ip: readonly string[]
  readonly bridge: readonly string[]
}

const addressAndLink = (neighbour: string): string => neighbour.replace(/ lladdr \S+/, '')

/** Pure. */
export const pathChanges = (before: Paths, after: Paths): PathChanges => {
  // What is only said otherwise is replaced, not taken away.
  const neighbours = new Set([...after.neighbours].map(addressAndLink))
  return {
    ip: [
      ...missing(after.routes, before.routes).map(line => `route del ${line}`),
      ...missing(after.neighbours, before.neighbours)
        .map(addressAndLink)
        .filter(line => !neighbours.has(line))
        .map(line => `neigh del ${line}`),
      ...missing(before.neighbours, after.neighbours).map(line => `neigh replace ${line} nud permanent`),
      ...missing(before.routes, after.routes).map(line => `route replace ${line}`),
    ],
    bridge: [
      ...missing(after.overlay, before.overlay).map(line => `fdb del ${line} self`),
      ...missing(before.overlay, after.overlay).map(line => `fdb replace ${line} self permanent`),
    ],
  }
}
