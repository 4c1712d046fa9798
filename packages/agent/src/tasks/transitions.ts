/**
 * From a container's next step to the function that gets there. Each resolves with what is then known of the container;
 * it throws ContainerFailure with ECS's words, or a retryable EngineError when the engine could not be asked.
 */
import type { PayloadContainer, PayloadTask } from '@berth/model'
import type { Clock } from '../clock.ts'
import { type Engine, EngineError, isEngineError, type RegistryAuth } from '../engine/engine.ts'
import { routerEnvironment } from '../firelens/router-address.ts'
import { type Images, type PullProgressBoard, RegistryAuthError } from '../images/index.ts'
import {
  containerSpec,
  engineContainerName,
  knownBindings,
  type SpecContext,
  stopTimeoutOf,
  toldBindings,
} from './container-spec/index.ts'
import { failWith } from './fail-with.ts'
import { destinationOf, type LogDestinations } from './log-destinations.ts'
import { type Amend, TaskResourceError } from './resources/task-resource.ts'
import type { TaskResources } from './resources/task-resources.ts'
import { cannotCreate, cannotPull, cannotStart, vanished } from './stop-reasons.ts'
import type { TaskGate } from './task-gate.ts'
import {
  type ContainerState,
  type ContainerStep,
  containerNamed,
  definitionOf,
  type TaskState,
} from './task-state.ts'

export type ContainerNews = Partial<Omit<ContainerState, 'name'>>

/** The container cannot go on; `message` is its reason, in ECS's words. */
class ContainerFailure extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'ContainerFailure'
  }
}

export interface TransitionContext {
  readonly engine: Engine
  readonly images: Images
  readonly clock: Clock
  readonly creates: TaskGate
  readonly starts: TaskGate
  /** The task's place among the tasks of this host: the lower one came earlier. */
  turnOf(taskArn: string): number
  readonly spec: SpecContext
  readonly logDestinations: LogDestinations
  readonly resources: TaskResources
  /** The task as it is now. */
  task(): TaskState
  /** Resolves once the task is to stop. */
  readonly stopWanted: Promise<void>
  /** The task's pull times: of its first image and its last, cached or not. */
  imageWanted(): void
  imageThere(): void
  /** It takes longer, because a registry is asked. */
  pullStarted(): void
  readonly pullProgress: PullProgressBoard
  /** The container's own key of its image's registry. Rejects with RegistryAuthError. */
  registryAuth(payload: PayloadTask, container: PayloadContainer): Promise<RegistryAuth | undefined>
}

type Transition = (context: TransitionContext, container: PayloadContainer) => Promise<ContainerNews>

const stateOf = (context: TransitionContext, container: PayloadContainer): ContainerState | undefined =>
  containerNamed(context.task(), container.name)

const pull: Transition = async (context, container) => {
  context.imageWanted()
  // Its answer is awaited before the creation; it travels while the image does.
  context.resources.prepare(context.task().payload).catch(() => {})
  const { arn } = context.task()
  const { name, image: reference } = container
  try {
    const image = await context.images.prepare({
      image: reference,
      auth: () => context.registryAuth(context.task().payload, container),
      onPull: () => context.pullStarted(),
      onProgress: progress => context.pullProgress.note(arn, name, reference, progress),
    })
    return { step: 'PULLED', ...(image.digest ? { imageDigest: image.digest } : {}) }
  } catch (error) {
    if (error instanceof RegistryAuthError) throw new ContainerFailure(error.message)
    return failWith(error, new ContainerFailure(cannotPull(reference, error)))
  } finally {
    context.pullProgress.end(arn, name)
    context.imageThere()
  }
}

/** Resolves with undefined when the task was told to stop meanwhile: it may have waited its turn for a while. */
const inTurn = <Result>(
  context: TransitionContext,
  gate: TaskGate,
  work: () => Promise<Result>,
): Promise<Result | undefined> =>
  gate.run(context.turnOf(context.task().arn), async () =>
    context.task().desiredStatus === 'STOPPED' ? undefined : work(),
  )

/** A task created it in an earlier life of the agent, which ended before it could note the id. */
const adoptByName = async (
  context: TransitionContext,
  container: PayloadContainer,
): Promise<ContainerNews> => {
  const name = engineContainerName(context.task().payload, container.name)
  const view = await context.engine.inspect(name)
  if (!view) return createContainer(context, container)
  const { id: runtimeId, startedAt, exitCode } = view
  // What has run already does not run a second time.
  if (view.status !== 'exited' || startedAt === undefined) return { step: 'CREATED', runtimeId }
  return { step: 'STOPPED', runtimeId, startedAt, ...(exitCode === undefined ? {} : { exitCode }) }
}

/** Undefined when the task is told to stop first: a resource may take its time, and is given back once it is there. */
const resourcesInTime = (context: TransitionContext, payload: PayloadTask): Promise<Amend | undefined> =>
  Promise.race([context.resources.prepare(payload), context.stopWanted.then(() => undefined)])

const createContainer: Transition = async (context, container) => {
  const { payload } = context.task()
  const amend = await resourcesInTime(context, payload)
  if (amend === undefined) return {}
  const amended = amend(container, containerSpec(payload, container, context.spec))
  const environment = await routerEnvironment(context.engine, payload, container)
  const spec = { ...amended, environment: { ...amended.environment, ...environment } }
  // Its answer is awaited before the start; it travels while the engine creates.
  const destination = destinationOf(payload, container, undefined)
  if (destination) context.logDestinations.prepare(destination)
  const runtimeId = await inTurn(context, context.creates, () => context.engine.create(spec))
  return runtimeId === undefined ? {} : { step: 'CREATED', runtimeId }
}

const create: Transition = async (context, container) => {
  try {
    return await createContainer(context, container)
  } catch (error) {
    if (isEngineError(error, 'nameTaken')) return adoptByName(context, container)
    if (error instanceof TaskResourceError) throw new ContainerFailure(error.message)
    if (!isEngineError(error, 'noSuchImage'))
      return failWith(error, new ContainerFailure(cannotCreate(error)))
  }
  // The image was removed after it was last seen here.
  context.images.forget(container.image)
  const pulled = await pull(context, container)
  try {
    return { ...pulled, ...(await createContainer(context, container)) }
  } catch (error) {
    return failWith(error, new ContainerFailure(cannotCreate(error)))
  }
}

/** Its first check may have been told before its start was. */
const hasUnknownHealth = (context: TransitionContext, container: PayloadContainer): boolean =>
  container.definition?.healthCheck !== undefined && stateOf(context, container)?.healthStatus === undefined

const bindings = async (
  context: TransitionContext,
  container: PayloadContainer,
  runtimeId: string,
): Promise<NonNullable<ContainerState['networkBindings']>> =>
  knownBindings(context.task().payload, container) ??
  toldBindings(container, (await context.engine.inspect(runtimeId))?.networkBindings ?? [])

/** It may still come up, and must not run once it is said to be STOPPED: until it is gone, its start has not failed. */
const removeUnstarted = async ({ engine }: TransitionContext, runtimeId: string): Promise<void> => {
  try {
    await engine.remove(runtimeId)
  } catch (error) {
    throw new EngineError('unreachable', String(error))
  }
}

const startInTurn = async (context: TransitionContext, runtimeId: string): Promise<boolean> =>
  (await inTurn(context, context.starts, async () => {
    await context.engine.start(runtimeId)
    return true
  })) ?? false

const start: Transition = async (context, container) => {
  const runtimeId = stateOf(context, container)?.runtimeId
  if (runtimeId === undefined) throw new ContainerFailure(vanished)
  const destination = destinationOf(context.task().payload, container, runtimeId)
  const problem = destination && (await context.logDestinations.ready(destination))
  if (problem) throw new ContainerFailure(problem)
  try {
    if (!(await startInTurn(context, runtimeId))) return {}
  } catch (error) {
    if (isEngineError(error, 'timedOut')) await removeUnstarted(context, runtimeId)
    return failWith(error, new ContainerFailure(cannotStart(error)))
  }
  const startedAt = context.clock.now()
  const networkBindings = await bindings(context, container, runtimeId)
  return {
    step: 'RUNNING',
    startedAt,
    networkBindings,
    ...(hasUnknownHealth(context, container) ? { healthStatus: 'UNKNOWN' as const } : {}),
  }
}

/** As its restart policy says. One whose start timed out may have come up: the error says so, and the engine is asked. */
export const restart: Transition = async (context, container) => {
  const { runtimeId, restartCount = 0 } = stateOf(context, container) ?? {}
  if (runtimeId === undefined) throw new ContainerFailure(vanished)
  try {
    if (!(await startInTurn(context, runtimeId))) return {}
  } catch (error) {
    if (isEngineError(error, 'timedOut')) throw error
    return failWith(error, new ContainerFailure(cannotStart(error)))
  }
  const startedAt = context.clock.now()
  // Ports that the engine chooses are other ones now.
  const networkBindings = await bindings(context, container, runtimeId)
  return { startedAt, restartCount: restartCount + 1, networkBindings }
}

const stop: Transition = async (context, container) => {
  const runtimeId = stateOf(context, container)?.runtimeId
  if (runtimeId === undefined) return { step: 'STOPPED' }
  try {
    await context.engine.stop(runtimeId, stopTimeoutOf(container))
  } catch (error) {
    if (isEngineError(error, 'noSuchContainer')) return { step: 'STOPPED', reason: vanished }
    if (!isEngineError(error, 'notRunning')) throw error
  }
  const view = await context.engine.inspect(runtimeId)
  if (!view) return { step: 'STOPPED', reason: vanished }
  // The exit code is the engine's to say; it is not made up when the container somehow still runs.
  return view.status === 'exited' && view.exitCode !== undefined
    ? { step: 'STOPPED', exitCode: view.exitCode }
    : {}
}

const transitions: Readonly<Record<Exclude<ContainerStep, 'NONE'>, Transition>> = {
  PULLED: pull,
  CREATED: create,
  RUNNING: start,
  STOPPED: stop,
}

export const transitionOf = (task: TaskState, name: string, step: Exclude<ContainerStep, 'NONE'>) => {
  const definition = definitionOf(task, name)
  return definition && ((context: TransitionContext) => transitions[step](context, definition))
}
