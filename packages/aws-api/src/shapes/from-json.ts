import { nv } from '@smithy/core/serde'
import { deepestNesting, InputFault, missing, notConvertible, notInEnum, within } from './input-fault.ts'
import { isOfType, numberNames } from './number-type.ts'
import type { EnumValues, ListShape, MapShape, Shape, StructureShape, TimestampFormat } from './shape.ts'
import { timestampFromText } from './timestamp.ts'

/** Checks a parsed document against its shape and gives it the SDK's types. Throws InputFault. */
export function readDocument(shape: StructureShape, document: unknown): object {
  return readStructure(shape, document, 0)
}

/** One value of a document. Throws InputFault. */
export function readValue(
  shape: Shape,
  value: unknown,
  allowed: EnumValues | undefined,
  depth: number,
): unknown {
  switch (shape.kind) {
    case 'string':
      if (typeof value !== 'string') throw wrongType(value, 'String')
      if (allowed && !allowed.has(value)) throw notInEnum(value, allowed)
      return value
    case 'number':
      if (typeof value !== 'number' || !isOfType(value, shape.type))
        throw wrongType(value, numberNames[shape.type])
      if (allowed && !allowed.has(String(value))) throw notInEnum(String(value), allowed)
      return value
    case 'boolean':
      if (typeof value !== 'boolean') throw wrongType(value, 'Boolean')
      return value
    case 'structure':
      return readStructure(shape, value, depth + 1)
    case 'list':
      return readList(shape, value, allowed, depth + 1)
    case 'map':
      return readMap(shape, value, allowed, depth + 1)
    case 'timestamp':
      return readTimestamp(shape.format, value)
    case 'blob':
      return readBlob(value)
    case 'document':
      checkDocument(value, depth)
      return value
    case 'bigint':
      return readBigInt(value)
    case 'big-decimal':
      if (typeof value !== 'number' || !Number.isFinite(value)) throw wrongType(value, 'BigDecimal')
      return nv(String(value))
    case 'stream':
      throw new InputFault('malformed', 'Event streams are not part of a document')
  }
}

function readStructure(shape: StructureShape, value: unknown, depth: number): Record<string, unknown> {
  const source = asRecord(value, 'Structure', depth)
  const structure: Record<string, unknown> = {}
  let count = 0
  for (const name of Object.keys(source)) {
    const member = shape.byName.get(name)
    if (!member) throw new InputFault('malformed', `Unknown member '${name.slice(0, 128)}' of ${shape.name}`)
    const given = source[name]
    if (given === null) continue
    try {
      structure[name] = readValue(member.shape, given, member.allowed, depth)
    } catch (fault) {
      throw within(fault, name)
    }
    count++
  }
  checkMembers(shape, structure, count)
  return structure
}

export function checkMembers(shape: StructureShape, structure: object, count: number): void {
  for (const member of shape.members) {
    if (!member.required) break
    if (!Object.hasOwn(structure, member.name)) throw missing(member.name)
  }
  if (shape.isUnion && count !== 1) {
    throw new InputFault(
      'malformed',
      `Exactly one member of the union ${shape.name} must be set, not ${count}`,
    )
  }
}

function readList(
  shape: ListShape,
  value: unknown,
  allowed: EnumValues | undefined,
  depth: number,
): unknown[] {
  if (!Array.isArray(value)) throw wrongType(value, 'List')
  checkDepth(depth)
  const list: unknown[] = []
  for (let index = 0; index < value.length; index++) {
    const given: unknown = value[index]
    if (given === null && shape.sparse) {
      list.push(null)
      continue
    }
    try {
      list.push(readValue(shape.element, given, allowed, depth))
    } catch (fault) {
      throw within(fault, String(index + 1), 'member')
    }
  }
  return list
}

function readMap(
  shape: MapShape,
  value: unknown,
  allowed: EnumValues | undefined,
  depth: number,
): Record<string, unknown> {
  const source = asRecord(value, 'Map', depth)
  const map: Record<string, unknown> = {}
  for (const key of Object.keys(source)) {
    checkKey(key)
    const given = source[key]
    if (given === null) {
      if (shape.sparse) map[key] = null
      continue
    }
    try {
      map[key] = readValue(shape.value, given, allowed, depth)
    } catch (fault) {
      throw within(fault, key.slice(0, 128), 'member')
    }
  }
  return map
}

/** A key that would change an object's prototype wherever somebody copies the map. */
export function checkKey(key: string): void {
  if (key === '__proto__') throw new InputFault('malformed', "The key '__proto__' is not allowed")
}

export function checkDepth(depth: number): void {
  if (depth > deepestNesting) {
    throw new InputFault('malformed', `The input nests deeper than ${deepestNesting} levels`)
  }
}

function checkDocument(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  checkDepth(depth + 1)
  for (const [key, child] of Object.entries(value)) {
    checkKey(key)
    checkDocument(child, depth + 1)
  }
}

function asRecord(value: unknown, expected: string, depth: number): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrongType(value, expected)
  }
  checkDepth(depth)
  return value as Record<string, unknown>
}

function readTimestamp(format: TimestampFormat | undefined, value: unknown): Date {
  if (format === 'date-time' || format === 'http-date') {
    if (typeof value === 'string') return timestampFromText(value, format)
  } else if (typeof value === 'number') {
    return dateFromSeconds(value)
  }
  throw wrongType(value, 'Timestamp')
}

function readBlob(value: unknown): Uint8Array {
  if (typeof value !== 'string') throw wrongType(value, 'Blob')
  return blobFromBase64(value)
}

function readBigInt(value: unknown): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  throw wrongType(value, 'BigInteger')
}

function dateFromSeconds(seconds: number): Date {
  const date = new Date(Math.round(seconds * 1000))
  if (Number.isNaN(date.getTime())) throw new InputFault('malformed', 'The timestamp is out of range')
  return date
}

export function blobFromBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  // Buffer skips what is not base64; a length that does not fit tells that it did.
  const digits = text.replace(/={1,2}$/, '').length
  if (Math.floor((digits * 3) / 4) !== bytes.length || digits % 4 === 1) {
    throw new InputFault('malformed', 'The blob is not base64')
  }
  return new Uint8Array(bytes)
}

function wrongType(value: unknown, expected: string): InputFault {
  return notConvertible(describe(value), expected)
}

function describe(value: unknown): string {
  if (value === null) return 'NULL_VALUE'
  if (Array.isArray(value)) return 'LIST_VALUE'
  switch (typeof value) {
    case 'string':
      return 'STRING_VALUE'
    case 'number':
      return 'NUMBER_VALUE'
    case 'boolean':
      return value ? 'TRUE_VALUE' : 'FALSE_VALUE'
    default:
      return 'STRUCTURE_VALUE'
  }
}
