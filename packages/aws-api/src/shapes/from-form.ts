import { nv } from '@smithy/core/serde'
import { blobFromBase64, checkDepth, checkKey, checkMembers } from './from-json.ts'
import { readText } from './from-text.ts'
import { deepestNesting, InputFault, notConvertible, within } from './input-fault.ts'
import type { EnumValues, ListShape, MapShape, Member, Shape, StructureShape } from './shape.ts'

/** A form's fields as the tree that their dotted names draw: `Tags.member.1.Key`. */
interface FormNode {
  value: string | undefined
  readonly children: Map<string, FormNode>
}

const index = /^[1-9]\d{0,6}$/
const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/

/** How a service's forms write members: in EC2's, lists have no element of their own (`VolumeId.1`). */
export type FormDialect = 'query' | 'ec2'

/** Checks a form's fields against the shape and gives them the SDK's types. Throws InputFault. */
export function readForm(
  shape: StructureShape,
  fields: ReadonlyMap<string, string>,
  dialect: FormDialect = 'query',
): object {
  return readStructure(shape, formTree(fields), { dialect, depth: 0 })
}

interface Place {
  readonly dialect: FormDialect
  readonly depth: number
}

const deeper = ({ dialect, depth }: Place): Place => ({ dialect, depth: depth + 1 })

function formTree(fields: ReadonlyMap<string, string>): FormNode {
  const root = newNode()
  for (const [name, value] of fields) {
    const segments = name.split('.', deepestNesting * 3 + 1)
    if (segments.length > deepestNesting * 3)
      throw new InputFault('malformed', 'A parameter name nests too deep')
    let node = root
    for (const segment of segments) {
      let child = node.children.get(segment)
      if (!child) {
        child = newNode()
        node.children.set(segment, child)
      }
      node = child
    }
    node.value = value
  }
  return root
}

const newNode = (): FormNode => ({ value: undefined, children: new Map() })

function readStructure(shape: StructureShape, node: FormNode, place: Place): Record<string, unknown> {
  checkDepth(place.depth)
  const members = place.dialect === 'ec2' ? shape.byEc2Name : shape.byXmlName
  const structure: Record<string, unknown> = {}
  let count = 0
  checkEmptyValue(node, shape.name)
  for (const [name, child] of node.children) {
    const member = members.get(name)
    if (!member)
      throw new InputFault('malformed', `Unknown parameter '${name.slice(0, 128)}' of ${shape.name}`)
    try {
      structure[member.name] = readMember(member, child, deeper(place))
    } catch (fault) {
      throw within(fault, name)
    }
    count++
  }
  checkMembers(shape, structure, count)
  return structure
}

function readMember(member: Member, node: FormNode, place: Place): unknown {
  const { shape, allowed } = member
  const flattened = member.flattened || place.dialect === 'ec2'
  if (shape.kind === 'list')
    return readList(shape, flattened ? node : inner(node, shape.elementName), allowed, place)
  if (shape.kind === 'map') return readMap(shape, flattened ? node : inner(node, 'entry'), allowed, place)
  return readValue(shape, node, allowed, place)
}

/** The node that holds a list's or a map's elements; an empty one is written as the bare name. */
function inner(node: FormNode, name: string): FormNode {
  checkEmptyValue(node, name)
  for (const key of node.children.keys()) {
    if (key !== name) throw new InputFault('malformed', `Unknown parameter part '${key.slice(0, 128)}'`)
  }
  return node.children.get(name) ?? newNode()
}

function readList(
  shape: ListShape,
  node: FormNode,
  allowed: EnumValues | undefined,
  place: Place,
): unknown[] {
  checkDepth(place.depth)
  return numbered(node).map(([position, child]) => {
    try {
      return readNested(shape.element, child, allowed, deeper(place))
    } catch (fault) {
      throw within(fault, String(position), 'member')
    }
  })
}

function readMap(
  shape: MapShape,
  node: FormNode,
  allowed: EnumValues | undefined,
  place: Place,
): Record<string, unknown> {
  checkDepth(place.depth)
  const map: Record<string, unknown> = {}
  for (const [, entry] of numbered(node)) {
    const key = entry.children.get(shape.keyName)?.value
    const value = entry.children.get(shape.valueName)
    if (key === undefined || !value || entry.children.size !== 2) {
      throw new InputFault('malformed', `A map entry needs a ${shape.keyName} and a ${shape.valueName}`)
    }
    checkKey(key)
    map[key] = readNested(shape.value, value, allowed, deeper(place))
  }
  return map
}

/** A list directly within a list or a map is never flattened, but in EC2's forms. */
function readNested(shape: Shape, node: FormNode, allowed: EnumValues | undefined, place: Place): unknown {
  if (shape.kind === 'list')
    return readList(shape, place.dialect === 'ec2' ? node : inner(node, shape.elementName), allowed, place)
  if (shape.kind === 'map') return readMap(shape, inner(node, 'entry'), allowed, place)
  return readValue(shape, node, allowed, place)
}

function numbered(node: FormNode): [number, FormNode][] {
  checkEmptyValue(node, 'list')
  const entries: [number, FormNode][] = []
  for (const [key, child] of node.children) {
    if (!index.test(key))
      throw new InputFault('malformed', `'${key.slice(0, 128)}' is not a position in a list`)
    entries.push([Number(key), child])
  }
  return entries.sort(([a], [b]) => a - b)
}

function checkEmptyValue(node: FormNode, name: string): void {
  if (node.value) throw new InputFault('malformed', `STRING_VALUE can not be converted to a ${name}`)
}

function readValue(shape: Shape, node: FormNode, allowed: EnumValues | undefined, place: Place): unknown {
  if (shape.kind === 'structure') return readStructure(shape, node, place)
  if (node.children.size > 0 || node.value === undefined) {
    throw new InputFault('malformed', `Start of structure or list found where a ${shape.kind} is expected`)
  }
  const text = node.value
  switch (shape.kind) {
    case 'blob':
      return blobFromBase64(text)
    case 'bigint':
      if (!/^-?\d{1,400}$/.test(text)) throw notConvertible(`'${text.slice(0, 64)}'`, 'BigInteger')
      return BigInt(text)
    case 'big-decimal':
      if (!decimal.test(text)) throw notConvertible(`'${text.slice(0, 64)}'`, 'BigDecimal')
      return nv(text)
    default:
      return readText(shape, text, allowed)
  }
}
