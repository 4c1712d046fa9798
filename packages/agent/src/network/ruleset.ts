/** A table of nftables as values, and the script that makes one out of another. Pure. */

export interface Ruleset {
  /** By name: its rules; of a base chain, the first line says where it hooks in. */
  readonly chains: ReadonlyMap<string, readonly string[]>
  readonly sets: ReadonlyMap<string, NamedSet>
  readonly maps: ReadonlyMap<string, NamedMap>
}

export interface NamedSet {
  readonly type: string
  readonly elements: ReadonlySet<string>
}

export interface NamedMap {
  readonly type: string
  readonly elements: ReadonlyMap<string, string>
}

const none: Ruleset = { chains: new Map(), sets: new Map(), maps: new Map() }

/** Longer lines make nft slow. */
const elementsALine = 500

const chunks = <Item>(items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / elementsALine) }, (_, index) =>
    items.slice(index * elementsALine, (index + 1) * elementsALine),
  )

const elementLines = (
  verb: 'add' | 'delete',
  table: string,
  name: string,
  elements: readonly string[],
): string[] => chunks(elements).map(chunk => `${verb} element ${table} ${name} { ${chunk.join(', ')} }`)

const setNews = (before: ReadonlySet<string> | undefined, after: ReadonlySet<string>) => {
  if (before === after) return { added: [], removed: [] }
  return {
    added: [...after].filter(element => !before?.has(element)),
    removed: [...(before ?? [])].filter(element => !after.has(element)),
  }
}

const mapNews = (
  before: ReadonlyMap<string, string> | undefined,
  after: ReadonlyMap<string, string>,
): { readonly added: readonly string[]; readonly removed: readonly string[] } => {
  if (before === after) return { added: [], removed: [] }
  return {
    added: [...after]
      .filter(([key, value]) => before?.get(key) !== value)
      .map(([key, value]) => `${key} : ${value}`),
    removed: [...(before ?? [])].filter(([key, value]) => after.get(key) !== value).map(([key]) => key),
  }
}

const isBaseLine = (line: string | undefined): line is string => line?.startsWith('type ') === true

const isSame = (left: readonly string[] | undefined, right: readonly string[]): boolean =>
  left?.length === right.length && left.every((line, index) => line === right[index])

/** What is said of it where it is made. */
const chainBody = (lines: readonly string[]): string => {
  const [line] = lines
  return isBaseLine(line) ? ` { ${line} }` : ''
}

const ruleLines = (table: string, name: string, lines: readonly string[]): string[] =>
  lines.filter(line => !isBaseLine(line)).map(line => `add rule ${table} ${name} ${line}`)

const goneFrom = (before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): string[] =>
  [...before.keys()].filter(name => !after.has(name))

/** What is referred to is made before, and taken away after, what refers to it. */
const changesOf = (table: string, before: Ruleset, after: Ruleset): string[] => {
  const chains = [...after.chains].filter(([name, lines]) => !isSame(before.chains.get(name), lines))
  const maps = [...after.maps].map(([name, { elements }]) => ({
    name,
    ...mapNews(before.maps.get(name)?.elements, elements),
  }))
  const sets = [...after.sets].map(([name, { elements }]) => ({
    name,
    ...setNews(before.sets.get(name)?.elements, elements),
  }))
  const isNew = (name: string, known: ReadonlyMap<string, unknown>): boolean => !known.has(name)
  return [
    ...[...after.sets]
      .filter(([name]) => isNew(name, before.sets))
      .map(([name, { type }]) => `add set ${table} ${name} { type ${type}; }`),
    ...chains
      .filter(([name]) => isNew(name, before.chains))
      .map(([name, lines]) => `add chain ${table} ${name}${chainBody(lines)}`),
    ...[...after.maps]
      .filter(([name]) => isNew(name, before.maps))
      .map(([name, { type }]) => `add map ${table} ${name} { type ${type}; }`),
    ...maps.flatMap(({ name, removed }) => elementLines('delete', table, name, removed)),
    ...chains.filter(([name]) => !isNew(name, before.chains)).map(([name]) => `flush chain ${table} ${name}`),
    ...goneFrom(before.chains, after.chains).map(name => `flush chain ${table} ${name}`),
    ...chains.flatMap(([name, lines]) => ruleLines(table, name, lines)),
    ...sets.flatMap(({ name, removed }) => elementLines('delete', table, name, removed)),
    ...sets.flatMap(({ name, added }) => elementLines('add', table, name, added)),
    ...maps.flatMap(({ name, added }) => elementLines('add', table, name, added)),
    ...goneFrom(before.chains, after.chains).map(name => `delete chain ${table} ${name}`),
    ...goneFrom(before.sets, after.sets).map(name => `delete set ${table} ${name}`),
    ...goneFrom(before.maps, after.maps).map(name => `delete map ${table} ${name}`),
  ]
}

/**
 * For `nft -f`, which carries it out as a whole or not at all; empty when nothing differs. `table`: its family and name.
 * Without `before` nothing is known of what is there: it is replaced.
 */
export const scriptOf = (table: string, before: Ruleset | undefined, after: Ruleset): string => {
  const afresh = before ? [] : [`add table ${table}`, `delete table ${table}`, `add table ${table}`]
  const lines = [...afresh, ...changesOf(table, before ?? none, after)]
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}
