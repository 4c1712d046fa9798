/** Who asks what: from the path of a request to the answer of one endpoint. */
import type { ECSClient } from '@aws-sdk/client-ecs'
import { type ContainerView, type Engine, isEngineError } from '../engine/engine.ts'
import type { RoleCredentials } from '../tasks/resources/task-resource.ts'
import { containerNamed, type TaskState } from '../tasks/task-state.ts'
import { type Answer, json } from './answer.ts'
import { containerMetadata, type MetadataVersion } from './container-metadata.ts'
import { type EndpointIds, ownerOf } from './endpoint-ids.ts'
import type { FaultEndpoints } from './faults/fault-endpoints.ts'
import type { RateLimit } from './rate-limit.ts'
import { credentialsAnswer, credentialsRefusal } from './role-credentials.ts'
import type { Sources } from './sources.ts'
import type { Statistics } from './statistics.ts'
import { readTags } from './tags.ts'
import { taskMetadata } from './task-metadata.ts'
import { getProtection, putProtection } from './task-protection.ts'

export interface TaskEndpointsOptions {
  readonly engine: Engine
  readonly ids: EndpointIds
  readonly sources: Sources
  readonly statistics: Statistics
  readonly rateLimit: RateLimit
  readonly faults: FaultEndpoints
  readonly now: () => number
  readonly endpoint: string
  readonly region: string
  readonly cluster: string
  readonly availabilityZone: string
  /** With the agent's own key: it may read the tags of its tasks. */
  readonly ecs: ECSClient
  tasks(): readonly TaskState[]
  credentials(taskArn: string): RoleCredentials
  containerInstanceArn(): string
}

export interface EndpointRequest {
  readonly method: string
  /** Without its query. */
  readonly path: string
  readonly body: string
  readonly sourceAddress: string
}

/** The container that asks, and its task. */
interface Caller {
  readonly task: TaskState
  readonly container: string
}

/** Undefined when no endpoint has the path. */
type Endpoint = (options: TaskEndpointsOptions, caller: Caller, request: EndpointRequest) => Promise<Answer>

export const answerRequest = async (
  options: TaskEndpointsOptions,
  request: EndpointRequest,
): Promise<Answer> => {
  const [kind = '', first = '', ...rest] = request.path.split('/').slice(1)
  const isCredentials = kind === 'v2' && first === 'credentials'
  const id = isCredentials ? (rest[0] ?? '') : first
  const owner = ownerOf(options.ids, options.tasks(), id)
  // Nobody can use up what another task, or the neighbours of a task in the host's network, may ask.
  const caller = `${request.sourceAddress} ${owner?.task.arn ?? ''}`
  if (!options.rateLimit.admits(caller, options.now()))
    return json(429, 'You have reached maximum request limit.')
  const isHere = owner !== undefined && (await options.sources.isOf(owner.task, request.sourceAddress))
  if (isCredentials) return credentialsOf(options, id, isHere ? owner : undefined)
  if (!isHere || owner.container === undefined) return unknownId(kind)
  const endpoint = endpointOf(kind, rest.join('/'), request.method)
  if (endpoint === undefined) return noSuchPage
  return endpoint(options, { task: owner.task, container: owner.container }, request)
}

const noSuchPage = json(404, '404 page not found')

/** To a stranger, an id that is not its own is one that does not exist. */
const unknownId = (kind: string): Answer => {
  if (kind === 'api')
    return json(404, {
      error: { Code: 'ResourceNotFoundException', Message: 'Failed to find a task for the request' },
    })
  const version = kind.toUpperCase()
  return json(404, `${version} metadata handler: unable to find a container for the request`)
}

const credentialsOf = (
  options: TaskEndpointsOptions,
  id: string,
  owner: { readonly task: TaskState; readonly container?: string } | undefined,
): Answer => {
  if (id === '') return credentialsRefusal(400, 'NoIdInRequest', 'No Credential ID in the request')
  if (owner === undefined || owner.container !== undefined)
    return credentialsRefusal(400, 'InvalidIdInRequest', 'Credentials not found')
  return credentialsAnswer(options.credentials(owner.task.arn))
}

const endpointOf = (kind: string, path: string, method: string): Endpoint | undefined => {
  if (kind === 'api') return apiEndpoint(path, method)
  if ((kind !== 'v3' && kind !== 'v4') || method !== 'GET') return undefined
  return metadataEndpoints[path]?.(kind)
}

const faultPath = 'fault/v1/'

const apiEndpoint = (path: string, method: string): Endpoint | undefined => {
  if (path === 'task-protection/v1/state') return protectionEndpoint(method)
  if (!path.startsWith(faultPath) || method !== 'POST') return undefined
  return async ({ faults }, { task, container }, { body }) => {
    const runtimeId = containerNamed(task, container)?.runtimeId ?? ''
    const answer = await faults.answer({ path: path.slice(faultPath.length), body, task, runtimeId })
    return answer ?? noSuchPage
  }
}

const metadataEndpoints: Readonly<Record<string, (version: MetadataVersion) => Endpoint>> = {
  '':
    version =>
    async ({ engine }, { task, container }) =>
      json(200, containerMetadata(version, task, container, await viewOf(engine, task, container))),
  task: version => (options, caller) => taskAnswer(options, caller, version, false),
  taskWithTags: version => (options, caller) => taskAnswer(options, caller, version, true),
  stats: version => (options, caller) => containerStatistics(options, caller, version),
  'task/stats': version => (options, caller) => taskStatistics(options, caller, version),
}

const viewOf = async (engine: Engine, task: TaskState, name: string): Promise<ContainerView | undefined> => {
  const runtimeId = containerNamed(task, name)?.runtimeId
  return runtimeId === undefined ? undefined : engine.inspect(runtimeId)
}

const taskAnswer = async (
  options: TaskEndpointsOptions,
  { task }: Caller,
  version: MetadataVersion,
  withTags: boolean,
): Promise<Answer> => {
  const { engine, ecs, availabilityZone } = options
  const views = new Map<string, ContainerView>()
  const inspected = task.containers.map(async ({ name }) => {
    const view = await viewOf(engine, task, name)
    if (view) views.set(name, view)
  })
  const tags = withTags ? await readTags(ecs, task.arn, options.containerInstanceArn()) : {}
  await Promise.all(inspected)
  return json(200, taskMetadata(task, { version, availabilityZone, views, tags }))
}

const containerStatistics = async (
  { statistics }: TaskEndpointsOptions,
  { task, container }: Caller,
  version: MetadataVersion,
): Promise<Answer> => {
  const runtimeId = containerNamed(task, container)?.runtimeId ?? ''
  return json(200, await statistics.of(runtimeId, version === 'v4'))
}

/** By container id; null for a container that does not run. */
const taskStatistics = async (
  { statistics }: TaskEndpointsOptions,
  { task }: Caller,
  version: MetadataVersion,
): Promise<Answer> => {
  const entries = task.containers.map(async ({ runtimeId, step }) => {
    if (runtimeId === undefined) return []
    if (step === 'STOPPED') return [[runtimeId, null]]
    try {
      return [[runtimeId, await statistics.of(runtimeId, version === 'v4')]]
    } catch (error) {
      if (isEngineError(error, 'noSuchContainer')) return [[runtimeId, null]]
      throw error
    }
  })
  return json(200, Object.fromEntries((await Promise.all(entries)).flat()))
}

const protectionEndpoint = (method: string): Endpoint | undefined => {
  if (method === 'GET') return (options, { task }) => getProtection(protectionCall(options, task))
  if (method === 'PUT')
    return (options, { task }, { body }) => putProtection(protectionCall(options, task), body)
  return undefined
}

const protectionCall = (options: TaskEndpointsOptions, task: TaskState) => ({
  endpoint: options.endpoint,
  region: options.region,
  cluster: options.cluster,
  taskArn: task.arn,
  credentials: options.credentials(task.arn).role,
})
