import type { ListShape, MapShape, Member, Shape, StructureShape } from './shape.ts'
import { timestampToText } from './timestamp.ts'
import { asArray, asBytes, asObject, expectType, memberError } from './to-json.ts'

/**
 * The XML of a structure's members, without an element around them. Members that the model does not know, and
 * undefined ones, are left out. Throws TypeError when a member is not of its modelled type.
 */
export function writeMembers(shape: StructureShape, value: unknown): string {
  const source = asObject(value ?? {}, shape.name)
  let xml = ''
  for (const member of shape.members) {
    const given = source[member.name]
    if (given === undefined || given === null) continue
    try {
      xml += writeMember(member, given)
    } catch (error) {
      throw memberError(error, shape, member.name)
    }
  }
  return xml
}

function writeMember(member: Member, value: unknown): string {
  if (!member.flattened) return element(member.xmlName, writeValue(member.shape, value))
  if (member.shape.kind === 'list') return writeElements(member.shape, value, member.xmlName)
  if (member.shape.kind === 'map') return writeEntries(member.shape, value, member.xmlName)
  return element(member.xmlName, writeValue(member.shape, value))
}

function writeValue(shape: Shape, value: unknown): string {
  switch (shape.kind) {
    case 'string':
      return escapeXml(String(expectType(value, 'string')))
    case 'boolean':
      return String(expectType(value, 'boolean'))
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`expected a finite number, got ${typeof value}`)
      return String(value)
    case 'bigint':
    case 'big-decimal':
      return escapeXml(String(value))
    case 'timestamp':
      return timestampToText(value, shape.format ?? 'date-time')
    case 'blob':
      return Buffer.from(asBytes(value)).toString('base64')
    case 'structure':
      return writeMembers(shape, value)
    case 'list':
      return writeElements(shape, value, shape.elementName)
    case 'map':
      return writeEntries(shape, value, 'entry')
    case 'document':
    case 'stream':
      throw new TypeError(`a ${shape.kind} has no form in XML`)
  }
}

function writeElements(shape: ListShape, value: unknown, name: string): string {
  let xml = ''
  for (const item of asArray(value)) {
    if (item !== undefined && item !== null) xml += element(name, writeValue(shape.element, item))
  }
  return xml
}

function writeEntries(shape: MapShape, value: unknown, name: string): string {
  let xml = ''
  for (const [key, item] of Object.entries(asObject(value, 'a map'))) {
    if (item === undefined || item === null) continue
    const content =
      element(shape.keyName, escapeXml(key)) + element(shape.valueName, writeValue(shape.value, item))
    xml += element(name, content)
  }
  return xml
}

export function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to be found
const unsafe = /[&<>"\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

/** XML 1.0 cannot hold control characters, even escaped: they become U+FFFD. */
export function escapeXml(text: string): string {
  return text.replace(unsafe, found => escapes[found] ?? '\ufffd')
}
