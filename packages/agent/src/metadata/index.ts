/** The endpoints that the containers of this host find: metadata, credentials, task protection. */
import { randomBytes } from 'node:crypto'
import { ECSClient } from '@aws-sdk/client-ecs'
import type { AwsCredentials } from '../acs/signing.ts'
import type { Clock } from '../clock.ts'
import type { TaskCredentials } from '../credentials/task-credentials.ts'
import type { Engine } from '../engine/engine.ts'
import type { Log } from '../log.ts'
import { requestLimits } from '../request-limits.ts'
import type { StateStore } from '../state/state-store.ts'
import type { TaskResource } from '../tasks/resources/task-resource.ts'
import type { TaskState } from '../tasks/task-state.ts'
import type { RunCommand } from './command.ts'
import { createEndpointIds } from './endpoint-ids.ts'
import { type EndpointListener, openListener } from './endpoint-listener.ts'
import { endpointVariablesResource } from './environment.ts'
import { createFaultEndpoints } from './faults/fault-endpoints.ts'
import { createEndpointServer } from './http-server.ts'
import { createRateLimit } from './rate-limit.ts'
import { createSources, type InterfaceAt } from './sources.ts'
import { createStatistics } from './statistics.ts'
import { answerRequest } from './task-endpoints.ts'

export { type RunCommand, runCommand } from './command.ts'

export interface TaskEndpoints {
  /** Tells each container where its endpoints are. */
  readonly resource: TaskResource
  /** This host has the programs that faults are made with. */
  readonly canInjectFaults: boolean
  stop(): Promise<void>
}

export interface TaskEndpointsParts {
  readonly engine: Engine
  readonly clock: Clock
  readonly log: Log
  readonly store: StateStore
  readonly run: RunCommand
  readonly credentials: TaskCredentials
  readonly configuration: {
    readonly endpoint: string
    readonly region: string
    readonly cluster: string
    readonly availabilityZone: string
    readonly credentials: AwsCredentials
  }
  readonly interfaceAt: InterfaceAt
  tasks(): readonly TaskState[]
}

/** As the official agent limits them. */
const limits = { perSecond: 40, burst: 60 }
const keyBytes = 32

const readKey = (store: StateStore): string => {
  const known = store.setting('endpointKey')
  if (known !== undefined) return known
  const key = randomBytes(keyBytes).toString('hex')
  store.setSetting('endpointKey', key)
  return key
}

/** Undefined when this host cannot have them: the log says why, and tasks that need them are placed elsewhere. */
export const startTaskEndpoints = async (parts: TaskEndpointsParts): Promise<TaskEndpoints | undefined> => {
  const { engine, clock, log, store, configuration } = parts
  const { endpoint, region, credentials } = configuration
  const ids = createEndpointIds(readKey(store))
  const ecs = new ECSClient({ endpoint, region, credentials, requestHandler: requestLimits })
  const server = createEndpointServer(
    request => answerRequest(answering, request),
    (error, path) => log.warn({ error: String(error), path }, 'a task endpoint failed'),
  )
  const answering = {
    ...configuration,
    engine,
    ids,
    ecs,
    sources: createSources(engine, parts.interfaceAt),
    statistics: createStatistics(engine, clock),
    rateLimit: createRateLimit(limits),
    faults: createFaultEndpoints({ engine, run: parts.run, now: () => clock.now() }),
    now: () => clock.now(),
    tasks: parts.tasks,
    credentials: (taskArn: string) => parts.credentials.of(taskArn),
    containerInstanceArn: () => store.setting('containerInstanceArn') ?? '',
  }
  const listener = await open(parts, server)
  if (listener === undefined) {
    ecs.destroy()
    return undefined
  }
  const { origin } = listener
  log.info({ origin }, 'task endpoints are open')
  return {
    resource: endpointVariablesResource({ ids, origin }),
    canInjectFaults: await hasFaultTools(parts),
    stop: async () => {
      await listener.stop()
      ecs.destroy()
    },
  }
}

/** Whether the kernel has network emulation is told by the endpoint that needs it. */
const hasFaultTools = async ({ run, log }: TaskEndpointsParts): Promise<boolean> => {
  try {
    await Promise.all([run('nsenter', ['--version']), run('nft', ['--version']), run('tc', ['-V'])])
    return true
  } catch (error) {
    log.warn({ reason: String(error) }, 'this host takes no tasks with fault injection')
    return false
  }
}

/** Running containers know the port that they were told; without any, the standard one is worth another try. */
const open = async (
  { run, clock, log, store }: TaskEndpointsParts,
  server: ReturnType<typeof createEndpointServer>,
): Promise<EndpointListener | undefined> => {
  const known = store.tasks().length > 0 ? Number(store.setting('endpointPort')) : Number.NaN
  const knownPort = Number.isInteger(known) ? known : undefined
  try {
    const listener = await openListener({ server, run, clock, log, knownPort })
    if (knownPort !== undefined && listener.port !== knownPort)
      log.warn(
        { knownPort, port: listener.port },
        'containers that run already have lost their task endpoints',
      )
    store.setSetting('endpointPort', String(listener.port))
    return listener
  } catch (error) {
    log.error({ error: String(error) }, 'this host has no task endpoints')
    return undefined
  }
}
