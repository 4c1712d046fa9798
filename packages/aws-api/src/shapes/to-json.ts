import type { ListShape, MapShape, Shape, StructureShape, TimestampFormat } from './shape.ts'
import { asDate, timestampToText } from './timestamp.ts'

/**
 * Makes the document of a handler's output: members that the model does not know, and undefined ones, are left out.
 * Throws TypeError when a member is not of its modelled type, which is the handler's fault.
 */
export function writeDocument(shape: StructureShape, output: unknown): object {
  return writeStructure(shape, output ?? {})
}

function writeValue(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'string':
      return expectType(value, 'string')
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`expected a finite number, got ${typeof value}`)
      return value
    case 'boolean':
      return expectType(value, 'boolean')
    case 'structure':
      return writeStructure(shape, value)
    case 'list':
      return writeList(shape, value)
    case 'map':
      return writeMap(shape, value)
    case 'timestamp':
      return writeTimestamp(shape.format, value)
    case 'blob':
      return Buffer.from(asBytes(value)).toString('base64')
    case 'document':
      return value
    case 'bigint':
    case 'big-decimal':
      return Number(value)
    case 'stream':
      throw new TypeError('event streams are not part of a document')
  }
}

function writeStructure(shape: StructureShape, value: unknown): Record<string, unknown> {
  const source = asObject(value, shape.name)
  const structure: Record<string, unknown> = {}
  for (const member of shape.members) {
    const given = source[member.name]
    if (given === undefined || given === null) continue
    try {
      structure[member.name] = writeValue(member.shape, given)
    } catch (error) {
      throw memberError(error, shape, member.name)
    }
  }
  return structure
}

function writeList(shape: ListShape, value: unknown): unknown[] {
  const list: unknown[] = []
  for (const element of asArray(value)) {
    if (element !== undefined && element !== null) list.push(writeValue(shape.element, element))
    else if (shape.sparse) list.push(null)
  }
  return list
}

function writeMap(shape: MapShape, value: unknown): Record<string, unknown> {
  const map: Record<string, unknown> = {}
  for (const [key, given] of Object.entries(asObject(value, 'a map'))) {
    if (given !== undefined && given !== null) map[key] = writeValue(shape.value, given)
    else if (shape.sparse) map[key] = null
  }
  return map
}

function writeTimestamp(format: TimestampFormat | undefined, value: unknown): unknown {
  if (format === 'date-time' || format === 'http-date') return timestampToText(value, format)
  return asDate(value).getTime() / 1000
}

/** Names the member in the message of an error from below it, once per level. */
export function memberError(error: unknown, shape: StructureShape, member: string): TypeError {
  const message = error instanceof Error ? error.message : String(error)
  return new TypeError(`${shape.name}.${member}: ${message}`, { cause: error })
}

export function expectType(value: unknown, type: 'string' | 'boolean'): unknown {
  if (typeof value !== type) throw new TypeError(`expected a ${type}, got ${typeof value}`)
  return value
}

export function asObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new TypeError(`expected ${name}, got ${Array.isArray(value) ? 'an array' : typeof value}`)
}

export function asArray(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new TypeError(`expected an array, got ${typeof value}`)
}

export function asBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return Buffer.from(value, 'utf8')
  throw new TypeError(`expected bytes, got ${typeof value}`)
}
