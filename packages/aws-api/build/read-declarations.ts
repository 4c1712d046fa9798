/** One member of an interface in a client package's type declarations. */
export interface DeclaredMember {
  readonly structure: string
  readonly name: string
  /** The type without `| undefined`. */
  readonly type: string
  readonly isOptional: boolean
}

/**
 * The declarations are generated and regular: an interface's members stand one to a line, indented by four spaces,
 * a union's variants are interfaces of the same form within a namespace, and comments are block comments.
 */
export function readMembers(text: string): DeclaredMember[] {
  const members: DeclaredMember[] = []
  let namespace: string | undefined
  let structure: string | undefined
  for (const line of text.replace(/\/\*[\s\S]*?\*\//g, '').split('\n')) {
    const opening = /^( *)(?:export )?(declare namespace|interface|declare class) (\$?\w+)/.exec(line)
    if (opening) {
      const [, indent, keyword, name] = opening
      if (keyword === 'declare namespace') namespace = name
      // A variant's interface speaks of its union's members.
      structure = keyword === 'declare namespace' ? undefined : indent === '' ? name : namespace
      continue
    }
    if (line === '}') namespace = structure = undefined
    const member = /^ {4,8}(?:readonly )?(\w+)(\?)?: (.+);$/.exec(line)
    if (!member || structure === undefined) continue
    const [, name = '', optional, type = ''] = member
    if (type === 'never') continue
    members.push({ structure, name, type: type.replace(/ \| undefined$/, ''), isOptional: optional === '?' })
  }
  return members
}

/** Structure → member → enum, for the members whose type is (a list or a map of) an enum that the client exports. */
export function readEnumMembers(
  texts: readonly string[],
  client: Readonly<Record<string, unknown>>,
): Record<string, Record<string, string>> {
  const table: Record<string, Record<string, string>> = {}
  for (const { structure, name, type } of texts.flatMap(readMembers)) {
    const named = /^(?:Record<string, )?(\w+)>?(?:\[\])*$/.exec(type)?.[1]
    if (named === undefined || !isEnum(client[named])) continue
    table[structure] ??= {}
    table[structure][name] = named
  }
  return table
}

/** Enums are exported as objects of strings (or, for whole numbers, of numbers). */
function isEnum(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const values = Object.values(value)
  return values.length > 0 && values.every(item => typeof item === 'string' || typeof item === 'number')
}
