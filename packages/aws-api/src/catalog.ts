import { enumMembersByNamespace } from './generated/enum-members.ts'
import { createRoute, type Route } from './route.ts'
import type { AwsService, ClientModule, DeferredClient } from './service.ts'
import type { FormDialect } from './shapes/from-form.ts'
import {
  isErrorSchema,
  isOperationSchema,
  isStructure,
  ShapeCompiler,
  type StructureShape,
} from './shapes/shape.ts'

/** One operation of a served service, ready to decode its requests and encode its answers. */
export interface Operation {
  readonly name: string
  readonly service: ServiceModel
  readonly input: StructureShape
  readonly output: StructureShape
  /** AWS lets anyone call it, unsigned. */
  readonly allowsAnonymous: boolean
  /** It streams events, which none of the protocols here can carry. */
  readonly isStreaming: boolean
  /** The status of a REST answer. */
  readonly statusCode: number
}

export interface ErrorModel {
  /** The exception's name in the model. */
  readonly name: string
  /** What the Query protocol calls it; only where the model says so. */
  readonly queryCode: string | undefined
  readonly statusCode: number
  readonly fault: 'client' | 'server'
  readonly shape: StructureShape
}

export interface ServiceModel {
  readonly service: AwsService
  /** com.amazonaws.ecs. */
  readonly namespace: string
  /** What comes before the operation in X-Amz-Target. */
  readonly targetPrefix: string
  readonly version: string
  readonly xmlNamespace: string
  /** The service name in a credential scope. */
  readonly signingName: string
  readonly validationErrorCode: string
  readonly formDialect: FormDialect
  readonly errors: ReadonlyMap<string, ErrorModel>
  operation(name: string): Operation | undefined
  /** Those that a REST protocol finds by method and path. */
  readonly routes: readonly Route[]
}

/** The services behind one endpoint, found by what requests carry. */
export class Catalog {
  readonly #models: ServiceModel[] = []
  /** Services whose client package is large, by the name that requests for them are signed with. */
  readonly #deferred = new Map<string, () => Promise<void>>()

  constructor(services: readonly AwsService[]) {
    for (const service of services) {
      if (isDeferred(service.client)) this.#defer(service, service.client)
      else this.#models.push(readService(service, service.client))
    }
  }

  /** Undefined when nothing has to be loaded before operations of this service can be found. */
  loading(signingName: string): Promise<void> | undefined {
    return this.#deferred.get(signingName)?.()
  }

  bySigningName(signingName: string): ServiceModel | undefined {
    return this.#models.find(model => model.signingName === signingName)
  }

  #defer(service: AwsService, client: DeferredClient): void {
    let loading: Promise<void> | undefined
    const load = async (): Promise<void> => {
      try {
        this.#models.push(readService(service, await client.load()))
        this.#deferred.delete(client.signingName)
      } finally {
        loading = undefined
      }
    }
    this.#deferred.set(client.signingName, () => {
      loading ??= load()
      return loading
    })
  }

  /** `target` may have a longer prefix than the model's: CloudTrail's clients send a whole namespace. */
  byTarget(prefix: string): ServiceModel | undefined {
    const last = prefix.slice(prefix.lastIndexOf('.') + 1)
    return this.#models.find(model => model.targetPrefix === prefix || model.targetPrefix === last)
  }

  /** Several services may share a version: the one that the request was signed for comes first. */
  byVersion(version: string | undefined, signingName: string): ServiceModel | undefined {
    const candidates = this.#models.filter(model => version === undefined || model.version === version)
    const signedFor = candidates.find(model => model.signingName === signingName)
    return signedFor ?? (version === undefined ? undefined : candidates[0])
  }
}

interface ProtocolSettings {
  readonly defaultNamespace: string
  readonly serviceTarget: string
  readonly version: string
  readonly xmlNamespace: string
}

interface AuthOption {
  readonly schemeId: string
  readonly signingProperties?: { readonly name?: string }
}

interface ClientConfig {
  readonly protocol: { getShapeId(): string }
  readonly protocolSettings: ProtocolSettings
  readonly httpAuthSchemeProvider: (parameters: object) => readonly AuthOption[]
}

function readService(service: AwsService, client: ClientModule): ServiceModel {
  const { protocolSettings, httpAuthSchemeProvider, protocol } = readConfig(client)
  const namespace = protocolSettings.defaultNamespace
  const enumMembers = service.enumMembers ?? enumMembersByNamespace[namespace] ?? {}
  const { extraMembers, extraEnumValues, numberMembers } = service
  const tables = { enumMembers, extraMembers, extraEnumValues, numberMembers }
  const compiler = new ShapeCompiler(client, tables)
  const errors = readErrors(client, compiler)
  const authOptions = (operation: string): readonly AuthOption[] =>
    httpAuthSchemeProvider({ operation, region: 'us-east-1', Region: 'us-east-1' })
  const schemas = operationSchemas(client)
  const operations = new Map<string, Operation>()
  const model: ServiceModel = {
    service,
    namespace,
    targetPrefix: protocolSettings.serviceTarget,
    version: protocolSettings.version,
    xmlNamespace: protocolSettings.xmlNamespace,
    signingName:
      authOptions('').find(option => option.signingProperties?.name)?.signingProperties?.name ?? '',
    validationErrorCode: service.validationErrorCode ?? validationCode(errors),
    formDialect: protocol.getShapeId() === 'aws.protocols#ec2Query' ? 'ec2' : 'query',
    errors,
    routes: routesOf(schemas.values()),
    operation: name => {
      const known = operations.get(name)
      if (known) return known
      const schema = schemas.get(name)
      if (!schema) return undefined
      const operation = readOperation(schema, model, compiler, authOptions(name))
      operations.set(name, operation)
      return operation
    },
  }
  return model
}

/** The settings that tell services apart are in the client's configuration only, so one is made to read them. */
function readConfig(client: ClientModule): ClientConfig {
  for (const [name, value] of Object.entries(client)) {
    if (!name.endsWith('Client') || name.startsWith('_') || typeof value !== 'function') continue
    const Client = value as new (options: object) => { readonly config: ClientConfig }
    return new Client({ region: 'us-east-1', credentials: { accessKeyId: 'none', secretAccessKey: 'none' } })
      .config
  }
  throw new Error('the module given as an AWS service exports no client class')
}

function readErrors(client: ClientModule, compiler: ShapeCompiler): Map<string, ErrorModel> {
  const errors = new Map<string, ErrorModel>()
  for (const schema of Object.values(client)) {
    if (!isErrorSchema(schema)) continue
    const [, namespace, name, traits] = schema as readonly [number, string, string, ErrorTraits | number]
    // The SDK's own base class of all of a service's exceptions: none that a service answers.
    if (namespace.startsWith('smithy.ts.sdk.synthetic.')) continue
    const shape = compiler.compile(schema)
    if (!isStructure(shape)) throw new Error(`the error ${name} is not a structure`)
    const {
      error = 'client',
      httpError,
      awsQueryError,
    }: ErrorTraits = typeof traits === 'object' ? traits : {}
    const statusCode = httpError ?? awsQueryError?.[1] ?? (error === 'server' ? 500 : 400)
    const model: ErrorModel = { name, queryCode: awsQueryError?.[0], statusCode, fault: error, shape }
    errors.set(name, model)
    if (model.queryCode !== undefined && !errors.has(model.queryCode)) errors.set(model.queryCode, model)
  }
  return errors
}

interface ErrorTraits {
  readonly error?: 'client' | 'server'
  readonly httpError?: number
  readonly awsQueryError?: readonly [string, number]
}

/** Services differ in what they answer to input that breaks a constraint; their models tell. */
function validationCode(errors: ReadonlyMap<string, ErrorModel>): string {
  return errors.has('InvalidParameterException') ? 'InvalidParameterException' : 'ValidationException'
}

type OperationSchema = readonly [
  number,
  string,
  string,
  { readonly http?: HttpTrait } | number,
  unknown,
  unknown,
]
/** Method, path with `{labels}`, status of the answer. */
type HttpTrait = readonly [string, string, number]

function operationSchemas(client: ClientModule): Map<string, OperationSchema> {
  const schemas = new Map<string, OperationSchema>()
  for (const value of Object.values(client)) {
    if (!isOperationSchema(value)) continue
    const schema = value as OperationSchema
    schemas.set(schema[2], schema)
  }
  return schemas
}

function readOperation(
  [, , name, traits, inputSchema, outputSchema]: OperationSchema,
  service: ServiceModel,
  compiler: ShapeCompiler,
  authOptions: readonly AuthOption[],
): Operation {
  const input = compiler.compile(inputSchema)
  const output = compiler.compile(outputSchema)
  if (!isStructure(input) || !isStructure(output))
    throw new Error(`${name}'s input or output is not a structure`)
  return {
    name,
    service,
    input,
    output,
    allowsAnonymous: authOptions.some(option => option.schemeId === 'smithy.api#noAuth'),
    statusCode: httpOf(traits)?.[2] ?? 200,
    isStreaming: [...input.members, ...output.members].some(member => member.shape.kind === 'stream'),
  }
}

const httpOf = (traits: OperationSchema[3]): HttpTrait | undefined =>
  typeof traits === 'object' ? traits.http : undefined

const routesOf = (schemas: Iterable<OperationSchema>): Route[] =>
  [...schemas].flatMap(([, , name, traits]) => {
    const http = httpOf(traits)
    return http ? [createRoute(name, http[0], http[1])] : []
  })

const isDeferred = (client: ClientModule | DeferredClient): client is DeferredClient =>
  typeof client['load'] === 'function' && typeof client['signingName'] === 'string'
