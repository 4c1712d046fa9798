/** What an agent gives its tasks on this host: images, resources and endpoints. */
import type { PayloadTask } from '@berth/model'
import type { AgentParts } from './agent-parts.ts'
import type { Cancel } from './clock.ts'
import { TaskCredentials } from './credentials/task-credentials.ts'
import { type Asker, startDns } from './dns/index.ts'
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
import {
  blockInstanceMetadata,
  openVpcNetworks,
  type VpcNetworks,
  type WireGuardPeer,
} from './network/index.ts'
import { namespaceOfTask } from './tasks/pause/pause-container.ts'
import { createResources } from './tasks/resources/index.ts'
import { createTaskResources } from './tasks/resources/task-resources.ts'
import { type ChangeSink, Tasks } from './tasks/tasks.ts'

export type Send = (type: string, message: object) => boolean

interface TaskParts {
  readonly info: EngineInfo
  readonly endpoints: TaskEndpoints | undefined
  readonly networks: VpcNetworks | undefined
  readonly credentials: TaskCredentials
  readonly images: Images
  readonly sink: ChangeSink
  readonly send: Send
}

const tasksOf = (parts: AgentParts, taskParts: TaskParts): Tasks => {
  const { info, endpoints, networks, credentials, images, sink, send } = taskParts
  const kinds = createResources({
    ...parts,
    ...parts.configuration,
    info,
    endpoints,
    networks,
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
  /** Where other hosts reach the networks of VPCs; undefined when this host has none. */
  readonly underlayAddress: string | undefined
  /** By which other hosts speak WireGuard with this one; undefined: they do not. */
  readonly wireGuard: WireGuardPeer | undefined
  /** Whether their interfaces may have IPv6. */
  readonly hasIpv6: boolean
  readonly prePull: PrePull
  /** Undefined: this host carries no load balancers. */
  readonly ingress: IngressHost | undefined
  stop(): Promise<void>
}

/** What comes from the link address of an interface is of its VPC; anything else is the host's own, or on its bridge. */
const askerOf =
  (interfaceAt: VpcNetworks['interfaceAt']) =>
  (address: string): Asker => {
    const vpc = interfaceAt(address)?.vpc
    return vpc ? { kind: 'vpc', vpcId: vpc.vpcId, blocks: vpc.blocks } : { kind: 'host' }
  }

/** `payloadOf`: of a task that this life of the agent has taken up. */
const openNetworks = (
  parts: AgentParts,
  facts: Facts,
  payloadOf: (taskArn: string) => PayloadTask | undefined,
) => {
  const saved = new Map(parts.store.tasks().map(({ task }) => [task.arn, task.payload]))
  return openVpcNetworks({
    ...parts,
    facts,
    knowsTask: arn => saved.has(arn),
    taskNamespace: async arn => {
      const payload = payloadOf(arn) ?? saved.get(arn)
      return payload && namespaceOfTask(parts.engine, payload)
    },
  })
}

export const openHost = async (
  parts: AgentParts,
  info: EngineInfo,
  sink: ChangeSink,
  send: Send,
): Promise<Host> => {
  const credentials = new TaskCredentials()
  const facts = createFacts(parts.store)
  // Containers of the agent's earlier life may ask before it has taken its tasks up again.
  let known: Tasks | undefined
  const metadataBlock = await blockInstanceMetadata(parts)
  const opened = await openNetworks(parts, facts, arn => known?.get(arn)?.payload)
  const networks = opened?.networks
  const interfaceAt: VpcNetworks['interfaceAt'] = address => networks?.interfaceAt(address)
  const endpoints = await startTaskEndpoints({
    ...parts,
    credentials,
    interfaceAt,
    tasks: () => known?.all() ?? [],
  })
  const images = createImages(parts, parts.configuration.images)
  const tasks = tasksOf(parts, { info, endpoints, networks, credentials, images, sink, send })
  known = tasks
  const stopImageCleanup = startImageCleanup(parts, images, tasks, info)
  const { region } = parts.configuration
  const dns = await startDns({ ...parts, facts, region, askerOf: askerOf(interfaceAt) })
  const ingress = await startIngress({ ...parts, facts, send })
  return {
    tasks,
    facts,
    hasTaskEndpoints: endpoints !== undefined,
    canInjectFaults: endpoints?.canInjectFaults ?? false,
    underlayAddress: opened?.underlay.address,
    wireGuard: opened?.wireGuard,
    hasIpv6: opened?.hasIpv6 ?? false,
    prePull: createPrePull(images, parts.log),
    ingress,
    stop: async () => {
      stopImageCleanup()
      tasks.stop()
      await dns.stop()
      await ingress?.stop()
      await endpoints?.stop()
      await networks?.stop()
      await metadataBlock.stop()
    },
  }
}
