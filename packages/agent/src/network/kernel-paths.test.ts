import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pathChanges } from './kernel-paths.ts'
import type { Paths } from './routes.ts'

const addresses = fc.constantFrom('10.0.0.1', '10.0.0.2', 'fd00::1', 'fd00::2')
const links = fc.constantFrom('eni1', 'vx0')
const macs = fc.constantFrom('02:00:00:00:00:01', '02:00:00:00:00:02')
const setOf = (line: fc.Arbitrary<string>, key: (line: string) => string) =>
  fc.uniqueArray(line, { selector: key }).map(lines => new Set(lines))
const destination = (line: string): string => line.split(' ')[0] ?? ''
const neighbourKey = (line: string): string => line.replace(/ lladdr \S+/, '')
const paths: fc.Arbitrary<Paths> = fc.record({
  routes: setOf(
    fc.tuple(addresses, links).map(([to, link]) => `${to} dev ${link}`),
    destination,
  ),
  neighbours: setOf(
    fc.tuple(addresses, macs, links).map(([of, mac, link]) => `${of} lladdr ${mac} dev ${link}`),
    neighbourKey,
  ),
  overlay: setOf(
    fc.tuple(macs, addresses).map(([mac, to]) => `${mac} dev vx0 dst ${to}`),
    line => line,
  ),
})

/** As the kernel does it: what is to be deleted has to be there. */
const carryOut = (before: Paths, ip: readonly string[], bridge: readonly string[]): Paths => {
  const routes = new Map([...before.routes].map(line => [destination(line), line]))
  const neighbours = new Map([...before.neighbours].map(line => [neighbourKey(line), line]))
  const overlay = new Set(before.overlay)
  for (const line of ip) {
    const [kind, verb, ...rest] = line.replace(' nud permanent', '').split(' ')
    const text = rest.join(' ')
    if (kind === 'route' && verb === 'replace') routes.set(destination(text), text)
    else if (kind === 'route' && routes.get(destination(text)) === text) routes.delete(destination(text))
    else if (kind === 'neigh' && verb === 'replace') neighbours.set(neighbourKey(text), text)
    else if (kind !== 'neigh' || !neighbours.delete(text)) throw new Error(`no such thing: ${line}`)
  }
  for (const line of bridge) {
    const entry = line.replace(/^fdb \w+ /, '').replace(/ self.*$/, '')
    if (line.startsWith('fdb replace')) overlay.add(entry)
    else if (!overlay.delete(entry)) throw new Error(`no such thing: ${line}`)
  }
  return { routes: new Set(routes.values()), neighbours: new Set(neighbours.values()), overlay }
}

test('whatever the kernel has becomes what is wanted, and nothing is done twice', () => {
  fc.assert(
    fc.property(paths, paths, (before, after) => {
      const { ip, bridge } = pathChanges(before, after)
      expect(carryOut(before, ip, bridge)).toEqual(after)
      expect(pathChanges(after, after)).toEqual({ ip: [], bridge: [] })
    }),
  )
})
