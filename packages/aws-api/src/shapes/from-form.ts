import { nv } from '@smithy/core/serde'
import { blobFromBase64, checkDepth, checkKey, checkMembers } from './from-json.ts'
import { deepestNesting, InputFault, notConvertible, notInEnum, within } from './input-fault.ts'
import { isOfType, numberNames } from './number-type.ts'
import type { EnumValues, ListShape, MapShape, Member, NumberType, Shape, StructureShape } from './shape.ts'
import { timestampFromText } from './timestamp.ts'

/** A form's fields as the tree that their dotted names draw: `Tags.member.1.Key`. */
interface FormNode {
  value: string | undefined
  readonly children: Map<string, FormNode>
}

const index = /^[1-9]\d{0,6}$/
const number = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/

/** Checks a form's fields against the shape and gives them the SDK's types. Throws InputFault. */
export function readForm(shape: StructureShape, fields: ReadonlyMap<string, string>): object {
  return readStructure(shape, formTree(fields), 0)
}

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

function readStructure(shape: StructureShape, node: FormNode, depth: number): Record<string, unknown> {
  checkDepth(depth)
  const structure: Record<string, unknown> = {}
  let count = 0
  checkEmptyValue(node, shape.name)
  for (const [name, child] of node.children) {
    const member = shape.byXmlName.get(name)
    if (!member)
      throw new InputFault('malformed', `Unknown parameter '${name.slice(0, 128)}' of ${shape.name}`)
    try {
      structure[member.name] = readMember(member, child, depth + 1)
    } catch (fault) {
      throw within(fault, name)
    }
    count++
  }
  checkMembers(shape, structure, count)
  return structure
}

function readMember(member: Member, node: FormNode, depth: number): unknown {
  const { shape, flattened, allowed } = member
  if (shape.kind === 'list')
    return readList(shape, flattened ? node : inner(node, shape.elementName), allowed, depth)
  if (shape.kind === 'map') return readMap(shape, flattened ? node : inner(node, 'entry'), allowed, depth)
  return readValue(shape, node, allowed, depth)
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
  depth: number,
): unknown[] {
  checkDepth(depth)
  return numbered(node).map(([position, child]) => {
    try {
      return readNested(shape.element, child, allowed, depth + 1)
    } catch (fault) {
      throw within(fault, String(position), 'member')
    }
  })
}

function readMap(
  shape: MapShape,
  node: FormNode,
  allowed: EnumValues | undefined,
  depth: number,
): Record<string, unknown> {
  checkDepth(depth)
  const map: Record<string, unknown> = {}
  for (const [, entry] of numbered(node)) {
    const key = entry.children.get(shape.keyName)?.value
    const value = entry.children.get(shape.valueName)
    if (key === undefined || !value || entry.children.size !== 2) {
      throw new InputFault('malformed', `A map entry needs a ${shape.keyName} and a ${shape.valueName}`)
    }
    checkKey(key)
    map[key] = readNested(shape.value, value, allowed, depth + 1)
  }
  return map
}

/** A list directly within a list or a map is never flattened. */
function readNested(shape: Shape, node: FormNode, allowed: EnumValues | undefined, depth: number): unknown {
  if (shape.kind === 'list') return readList(shape, inner(node, shape.elementName), allowed, depth)
  if (shape.kind === 'map') return readMap(shape, inner(node, 'entry'), allowed, depth)
  return readValue(shape, node, allowed, depth)
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

function readValue(shape: Shape, node: FormNode, allowed: EnumValues | undefined, depth: number): unknown {
  if (shape.kind === 'structure') return readStructure(shape, node, depth)
  if (node.children.size > 0 || node.value === undefined) {
    throw new InputFault('malformed', `Start of structure or list found where a ${shape.kind} is expected`)
  }
  const text = node.value
  switch (shape.kind) {
    case 'string':
      if (allowed && !allowed.has(text)) throw notInEnum(text, allowed)
      return text
    case 'number':
      return readNumber(text, shape.type)
    case 'boolean':
      return readBoolean(text)
    case 'timestamp':
      return timestampFromText(text, shape.format ?? 'date-time')
    case 'blob':
      return blobFromBase64(text)
    case 'bigint':
      if (!/^-?\d{1,400}$/.test(text)) throw notA('BigInteger', text)
      return BigInt(text)
    case 'big-decimal':
      if (!number.test(text)) throw notA('BigDecimal', text)
      return nv(text)
    default:
      throw new InputFault('malformed', `A ${shape.kind} has no form in the Query protocol`)
  }
}

function readNumber(text: string, type: NumberType): number {
  const value = number.test(text) ? Number(text) : Number.NaN
  if (!isOfType(value, type)) throw notA(numberNames[type], text)
  return value
}

function readBoolean(text: string): boolean {
  const lower = text.toLowerCase()
  if (lower === 'true') return true
  if (lower === 'false') return false
  throw notA('Boolean', text)
}

function notA(type: string, text: string): InputFault {
  return notConvertible(`'${text.slice(0, 64)}'`, type)
}
