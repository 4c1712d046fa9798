/** What an agent gives its tasks on this host: images, resources and endpoints. */
import type { AgentParts } from './agent-parts.ts'
import type { Cancel } from './clock.ts'
import { TaskCredentials } from './credentials/task-credentials.ts'
import { startDns } from './dns/index.ts'
import type { EngineInfo } from './engine/engine.ts'
import { createFacts, type Facts } from './facts/index.ts'
import {
  createImages,
  createPrePull,
  createPullProgressBoard,
  freePercentOf,
  type Images,
  type PrePull,
  repositoryAuth,
  startCleaningImages,
} from './images/index.ts'
import { type IngressHost, startIngress } from './ingress/index.ts'
import { startTaskEndpoints, type TaskEndpoints } from './metadata/index.ts'
import { createResources } from './tasks/resources/index.ts'
import { createTaskResources } from './tasks/resources/task-resources.ts'
import { type ChangeSink, Tasks } from './tasks/tasks.ts'

export type Send = (type: string, message: object) => boolean

interface TaskParts {
  readonly info: EngineInfo
  readonly endpoints: TaskEndpoints | undefined
  readonly credentials: TaskCredentials
  readonly images: Images
  readonly sink: ChangeSink
  readonly send: Send
}

const tasksOf = (parts: AgentParts, taskParts: TaskParts): Tasks => {
  const { info, endpoints, credentials, images, sink, send } = taskParts
  const kinds = createResources({
    ...parts,
    ...parts.configuration,
    info,
    endpoints,
    reportAttachment: (taskArn, change) => tasks.attachmentChanged(taskArn, change),
  })
  const resources = createTaskResources({ ...parts, resources: kinds, credentials })
  const tasks: Tasks = new Tasks({
    ...parts,
    ...parts.configuration,
    resources,
    credentials,
    sink,
    images,
    pullProgress: createPullProgressBoard(parts.clock, message => send('BerthPullProgress', message)),
    registryAuth: (payload, container) =>
      repositoryAuth(
        container,
        parts.readSecret,
        parts.configuration.region,
        credentials.of(payload.arn).executionRole,
      ),
  })
  return tasks
}

/** As ECS, an agent that prefers cached images keeps them all. */
const startImageCleanup = (parts: AgentParts, images: Images, tasks: Tasks, info: EngineInfo): Cancel => {
  const { images: pulls, imageCleanup: settings } = parts.configuration
  if (settings.isDisabled || pulls.pullBehavior === 'prefer-cached') return () => {}
  const cleanup = {
    ...parts,
    pulled: images.pulled,
    neededImages: () => tasks.neededImages(),
    freePercent: () => freePercentOf(info.dataDirectory),
    onPressure: () => tasks.removeEnded(),
  }
  return startCleaningImages(cleanup, settings)
}

export interface Host {
  readonly tasks: Tasks
  /** What the control plane keeps this host told of. */
  readonly facts: Facts
  readonly hasTaskEndpoints: boolean
  readonly canInjectFaults: boolean
  readonly prePull: PrePull
  /** Undefined: this host carries no load balancers. */
  readonly ingress: IngressHost | undefined
  stop(): Promise<void>
}

export const openHost = async (
  parts: AgentParts,
  info: EngineInfo,
  sink: ChangeSink,
  send: Send,
): Promise<Host> => {
  const credentials = new TaskCredentials()
  // Containers of the agent's earlier life may ask before it has taken its tasks up again.
  let known: Tasks | undefined
  const endpoints = await startTaskEndpoints({ ...parts, credentials, tasks: () => known?.all() ?? [] })
  const images = createImages(parts, parts.configuration.images)
  const tasks = tasksOf(parts, { info, endpoints, credentials, images, sink, send })
  known = tasks
  const stopImageCleanup = startImageCleanup(parts, images, tasks, info)
  const facts = createFacts(parts.store)
  const { region } = parts.configuration
  const dns = await startDns({ ...parts, facts, region, askerOf: () => ({ kind: 'host' }) })
  const ingress = await startIngress({ ...parts, facts, send })
  return {
    tasks,
    facts,
    hasTaskEndpoints: endpoints !== undefined,
    canInjectFaults: endpoints?.canInjectFaults ?? false,
    prePull: createPrePull(images, parts.log),
    ingress,
    stop: async () => {
      stopImageCleanup()
      tasks.stop()
      await dns.stop()
      await ingress?.stop()
      await endpoints?.stop()
    },
  }
}
