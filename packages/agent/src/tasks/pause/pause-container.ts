/**
 * A container that does nothing but hold the namespaces that the containers of its task share. It has the official
 * agent's name for it, and is in no answer of the API: the control plane never hears of it.
 */
import { lastSegment, type PayloadTask } from '@berth/model'
import type { Cgroups } from '../../cgroups/index.ts'
import { type ContainerSpec, type Engine, isEngineError } from '../../engine/engine.ts'
import { engineContainerName, label, networkModeOf, pauseContainerName } from '../container-spec/index.ts'
import { failWith } from '../fail-with.ts'
import { type TaskResource, TaskResourceError } from '../resources/task-resource.ts'
import { cannotCreate, cannotStart } from '../stop-reasons.ts'
import { networkSpecOf } from './network-spec.ts'
import type { PauseImage } from './pause-image.ts'
import type { TaskNetwork } from './task-network.ts'

export interface PauseParts {
  readonly engine: Engine
  /** Undefined on a host for which there is none. */
  readonly image: PauseImage | undefined
  readonly cgroups: Cgroups
  /** What puts an interface into the network namespace of a task of the mode awsvpc. */
  readonly network: TaskNetwork
  /** By which the agent finds its containers again. */
  identity(): { readonly incarnation: string; readonly containerInstanceArn: string }
}

const sharesProcesses = ({ pidMode }: PayloadTask): boolean => pidMode === 'task'
const sharesMemory = ({ ipcMode }: PayloadTask): boolean => ipcMode === 'task'

const hasInterface = (payload: PayloadTask): boolean => networkModeOf(payload) === 'awsvpc'

const specOf = (payload: PayloadTask, image: string, parts: PauseParts): ContainerSpec => {
  const { incarnation, containerInstanceArn } = parts.identity()
  return {
    name: engineContainerName(payload, pauseContainerName),
    image,
    labels: {
      [label.taskArn]: payload.arn,
      [label.containerName]: pauseContainerName,
      [label.family]: payload.family,
      [label.revision]: payload.version,
      [label.cluster]: payload.taskClusterArn,
      [label.incarnation]: incarnation,
      [label.containerInstance]: containerInstanceArn,
    },
    environment: {},
    networkMode: 'none',
    ports: [],
    mounts: [],
    volumesFrom: [],
    links: [],
    logging: { driver: 'none', options: {} },
    cpuShares: 2,
    privileged: false,
    readOnlyRoot: true,
    interactive: false,
    pseudoTerminal: false,
    ...(sharesMemory(payload) && { ipcMode: 'shareable' as const }),
    ...(hasInterface(payload) && networkSpecOf(payload)),
    ...(payload.cpu || payload.memory
      ? { cgroupParent: parts.cgroups.parentOf(lastSegment(payload.arn)) }
      : {}),
  }
}

const create = async ({ engine }: PauseParts, image: PauseImage, spec: ContainerSpec): Promise<string> => {
  await image.ready()
  try {
    return await engine.create(spec)
  } catch (error) {
    if (!isEngineError(error, 'noSuchImage')) throw error
  }
  image.forget()
  await image.ready()
  return engine.create(spec)
}

/** Of an earlier life of the agent: kept when it runs, since containers may be in its namespaces already. */
const isThere = async ({ engine }: PauseParts, name: string): Promise<boolean> => {
  const view = await engine.inspect(name)
  if (view?.status === 'running') return true
  if (view) await engine.remove(view.id)
  return false
}

const bringUp = async (parts: PauseParts, image: PauseImage, payload: PayloadTask): Promise<void> => {
  const spec = specOf(payload, image.name, parts)
  let id: string
  try {
    id = await create(parts, image, spec).catch(async error => {
      if (!isEngineError(error, 'nameTaken')) throw error
      return (await isThere(parts, spec.name)) ? '' : create(parts, image, spec)
    })
  } catch (error) {
    return failWith(error, new TaskResourceError(cannotCreate(error)))
  }
  if (id === '') return
  await parts.engine.start(id).catch(error => failWith(error, new TaskResourceError(cannotStart(error))))
}

/** The path of the network namespace that it holds; undefined while it does not run. */
export const namespaceOfTask = async (engine: Engine, payload: PayloadTask): Promise<string | undefined> => {
  const view = await engine.inspect(engineContainerName(payload, pauseContainerName))
  return view?.pid === undefined ? undefined : `/proc/${view.pid}/ns/net`
}

export const createPauseContainer = (parts: PauseParts): TaskResource => ({
  name: 'pause container',
  isNeeded: payload => sharesProcesses(payload) || sharesMemory(payload) || hasInterface(payload),
  prepare: async ({ payload }) => {
    if (!parts.image)
      throw new TaskResourceError(
        'ResourceInitializationError: this container instance cannot share namespaces among the containers of a task: there is no pause container for its CPU architecture',
      )
    await bringUp(parts, parts.image, payload)
    if (hasInterface(payload)) await parts.network.attach(payload)
    const namespace = `container:${engineContainerName(payload, pauseContainerName)}` as const
    return (_container, spec) => ({
      ...spec,
      ...(sharesProcesses(payload) && { pidMode: namespace }),
      ...(sharesMemory(payload) && { ipcMode: namespace }),
    })
  },
  release: async payload => {
    if (hasInterface(payload)) await parts.network.detach(payload)
    await parts.engine.remove(engineContainerName(payload, pauseContainerName))
  },
})
