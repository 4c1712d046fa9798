import { NormalizedSchema } from '@smithy/core/schema'
import type { ClientModule, EnumMembers, ExtraEnumValues, ExtraMembers, NumberMembers } from '../service.ts'

/** A client package's runtime schemas, compiled once into what the decoders and encoders walk. */
export type Shape =
  | {
      readonly kind: 'string' | 'boolean' | 'bigint' | 'big-decimal' | 'blob' | 'document' | 'stream'
    }
  | NumberShape
  | { readonly kind: 'timestamp'; readonly format: TimestampFormat | undefined }
  | ListShape
  | MapShape
  | StructureShape

export interface NumberShape {
  readonly kind: 'number'
  readonly type: NumberType
}

/** `any` where the service does not tell its integers from its doubles. */
export type NumberType = 'any' | 'double' | 'integer' | 'long'

/** undefined where the model leaves it to the protocol. */
export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds'

export interface ListShape {
  readonly kind: 'list'
  readonly element: Shape
  /** Of an element, in XML and in forms. */
  readonly elementName: string
  readonly sparse: boolean
}

export interface MapShape {
  readonly kind: 'map'
  readonly value: Shape
  readonly keyName: string
  readonly valueName: string
  readonly sparse: boolean
}

export interface StructureShape {
  readonly kind: 'structure'
  readonly name: string
  readonly isUnion: boolean
  readonly members: readonly Member[]
  readonly byName: ReadonlyMap<string, Member>
  /** The names that forms use. */
  readonly byXmlName: ReadonlyMap<string, Member>
  /** The names that forms of EC2's dialect use. */
  readonly byEc2Name: ReadonlyMap<string, Member>
}

export interface Member {
  readonly name: string
  readonly xmlName: string
  readonly ec2Name: string
  readonly flattened: boolean
  readonly required: boolean
  readonly shape: Shape
  /** What the member, its elements or its map's values may be. */
  readonly allowed: EnumValues | undefined
  /** Where a REST protocol puts the member; undefined: into the body with the others. */
  readonly http: HttpBinding | undefined
}

export type HttpBinding =
  | { readonly in: 'label' | 'payload' | 'query-parameters' | 'status' }
  | { readonly in: 'query' | 'header' | 'prefix-headers'; readonly name: string }

export type EnumValues = ReadonlySet<string>

const timestampFormats: Readonly<Record<number, TimestampFormat>> = {
  5: 'date-time',
  6: 'http-date',
  7: 'epoch-seconds',
}

/** What the client package's schemas do not say of its members. */
export interface MemberTables {
  readonly enumMembers: EnumMembers
  readonly extraMembers?: ExtraMembers | undefined
  readonly extraEnumValues?: ExtraEnumValues | undefined
  readonly numberMembers?: NumberMembers | undefined
}

/** Compiles the schemas of one client package; structures are compiled once, so recursive ones are finite. */
export class ShapeCompiler {
  readonly #client: ClientModule
  readonly #enumMembers: EnumMembers
  readonly #extraMembers: ExtraMembers
  readonly #extraEnumValues: ExtraEnumValues
  readonly #numberMembers: NumberMembers | undefined
  readonly #structures = new Map<unknown, StructureShape>()

  constructor(
    client: ClientModule,
    { enumMembers, extraMembers = {}, extraEnumValues = {}, numberMembers }: MemberTables,
  ) {
    this.#client = client
    this.#enumMembers = enumMembers
    this.#extraMembers = extraMembers
    this.#extraEnumValues = extraEnumValues
    this.#numberMembers = numberMembers
  }

  /** `schema` is anything that the package uses as a schema: a number, a tuple, or a function returning one. */
  compile(schema: unknown): Shape {
    return this.#shape(NormalizedSchema.of(schema as Parameters<typeof NormalizedSchema.of>[0]), 'any')
  }

  /** `numbers`: the type of the numbers that the schema's member, or its elements or values, may hold. */
  #shape(schema: NormalizedSchema, numbers: NumberType): Shape {
    if (schema.isUnitSchema()) return emptyStructure
    if (schema.isStreaming()) return { kind: 'stream' }
    if (schema.isStructSchema()) return this.#structure(schema)
    if (schema.isListSchema()) return this.#list(schema, numbers)
    if (schema.isMapSchema()) return this.#map(schema, numbers)
    if (schema.isBlobSchema()) return { kind: 'blob' }
    if (schema.isTimestampSchema()) return { kind: 'timestamp', format: timestampFormat(schema) }
    if (schema.isDocumentSchema()) return { kind: 'document' }
    if (schema.isBooleanSchema()) return { kind: 'boolean' }
    if (schema.isBigIntegerSchema()) return { kind: 'bigint' }
    if (schema.isBigDecimalSchema()) return { kind: 'big-decimal' }
    if (schema.isNumericSchema()) return { kind: 'number', type: numbers }
    if (schema.isStringSchema()) return { kind: 'string' }
    throw new Error(`schema ${schema.getName(true)} is of a kind that this endpoint does not know`)
  }

  #list(schema: NormalizedSchema, numbers: NumberType): ListShape {
    const element = schema.getValueSchema()
    return {
      kind: 'list',
      element: this.#shape(element, numbers),
      elementName: textTrait(element, 'xmlName') ?? 'member',
      sparse: schema.getMergedTraits().sparse === 1,
    }
  }

  #map(schema: NormalizedSchema, numbers: NumberType): MapShape {
    return {
      kind: 'map',
      value: this.#shape(schema.getValueSchema(), numbers),
      keyName: textTrait(schema.getKeySchema(), 'xmlName') ?? 'key',
      valueName: textTrait(schema.getValueSchema(), 'xmlName') ?? 'value',
      sparse: schema.getMergedTraits().sparse === 1,
    }
  }

  #structure(schema: NormalizedSchema): StructureShape {
    const tuple = schema.getSchema() as unknown as readonly unknown[]
    const known = this.#structures.get(tuple)
    if (known) return known
    const members: Member[] = []
    const byName = new Map<string, Member>()
    const byXmlName = new Map<string, Member>()
    const byEc2Name = new Map<string, Member>()
    const name = String(tuple[2])
    const isUnion = schema.isUnionSchema()
    const shape: StructureShape = { kind: 'structure', name, isUnion, members, byName, byXmlName, byEc2Name }
    this.#structures.set(tuple, shape)
    // Required members come first in a structure's tuple, and its last element counts them.
    const requiredCount = typeof tuple[6] === 'number' ? tuple[6] : 0
    for (const [memberName, memberSchema] of schema.structIterator()) {
      members.push(this.#member(name, memberName, memberSchema, members.length < requiredCount))
    }
    for (const extra of this.#extraMembers[name] ?? []) members.push(textMember(extra))
    for (const member of members) {
      byName.set(member.name, member)
      byXmlName.set(member.xmlName, member)
      byEc2Name.set(member.ec2Name, member)
    }
    return shape
  }

  #member(structure: string, name: string, schema: NormalizedSchema, required: boolean): Member {
    return {
      name,
      xmlName: memberXmlName(schema) ?? name,
      ec2Name: ec2NameOf(name, schema),
      flattened: schema.getMergedTraits().xmlFlattened === 1,
      required,
      shape: this.#shape(schema, this.#numberType(structure, name)),
      allowed: this.#enumValues(structure, name),
      http: httpBinding(schema),
    }
  }

  #numberType(structure: string, member: string): NumberType {
    if (!this.#numberMembers) return 'any'
    const { doubles, longs } = this.#numberMembers
    if (doubles[structure]?.includes(member)) return 'double'
    return longs[structure]?.includes(member) ? 'long' : 'integer'
  }

  #enumValues(structure: string, member: string): EnumValues | undefined {
    const enumName = this.#enumMembers[structure]?.[member]
    if (enumName === undefined) return undefined
    const values = this.#client[enumName]
    if (typeof values !== 'object' || values === null) {
      throw new Error(`the client package exports no enum ${enumName}, which ${structure}.${member} needs`)
    }
    return new Set([...Object.values(values).map(String), ...(this.#extraEnumValues[enumName] ?? [])])
  }
}

const emptyStructure: StructureShape = {
  kind: 'structure',
  name: 'Unit',
  isUnion: false,
  members: [],
  byName: new Map(),
  byXmlName: new Map(),
  byEc2Name: new Map(),
}

function textMember(name: string): Member {
  return {
    name,
    xmlName: name,
    ec2Name: name,
    flattened: false,
    required: false,
    shape: { kind: 'string' },
    allowed: undefined,
    http: undefined,
  }
}

export function isErrorSchema(value: unknown): boolean {
  return Array.isArray(value) && value[0] === -3
}

export function isOperationSchema(value: unknown): boolean {
  return Array.isArray(value) && value[0] === 9
}

export function isStructure(shape: Shape): shape is StructureShape {
  return shape.kind === 'structure'
}

function timestampFormat(schema: NormalizedSchema): TimestampFormat | undefined {
  const own = schema.getSchema()
  return typeof own === 'number' ? timestampFormats[own] : undefined
}

function textTrait(schema: NormalizedSchema, trait: 'xmlName'): string | undefined {
  const value = schema.getMergedTraits()[trait]
  return typeof value === 'string' ? value : undefined
}

/** A member's own name in XML; the name that its target has as a document's root does not count. */
function memberXmlName(schema: NormalizedSchema): string | undefined {
  const value = schema.getMemberTraits().xmlName
  return typeof value === 'string' ? value : undefined
}

/** EC2's forms write their own name of a member, else its XML name, with a capital. (Smithy: "AWS EC2 query protocol") */
function ec2NameOf(name: string, schema: NormalizedSchema): string {
  const own = schema.getMergedTraits()['ec2QueryName']
  if (typeof own === 'string') return own
  const xmlName = memberXmlName(schema) ?? name
  return xmlName.charAt(0).toUpperCase() + xmlName.slice(1)
}

function httpBinding(schema: NormalizedSchema): HttpBinding | undefined {
  const traits = schema.getMergedTraits()
  if (traits.httpLabel) return { in: 'label' }
  if (traits.httpPayload) return { in: 'payload' }
  if (traits.httpQueryParams) return { in: 'query-parameters' }
  if (traits.httpResponseCode) return { in: 'status' }
  if (traits.httpQuery) return { in: 'query', name: traits.httpQuery }
  if (traits.httpHeader) return { in: 'header', name: traits.httpHeader.toLowerCase() }
  if (traits.httpPrefixHeaders) return { in: 'prefix-headers', name: traits.httpPrefixHeaders.toLowerCase() }
  return undefined
}
