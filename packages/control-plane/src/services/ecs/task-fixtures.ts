/** Rows for tests of tasks and placement: everything has a default, and a test states what it is about. */
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import {
  taskDefinitionArn as arnOfTaskDefinition,
  clusterArn,
  containerInstanceArn,
  type Scope,
  scopeKey,
  taskArn,
} from '@berth/model'
// biome-ignore lint/style/noRestrictedImports: tests need a store, and a store a journal
import { createMemoryJournal } from '../../journals/memory-journal.ts'
import { createStore, type JournaledStore } from '../../store/journaled-store.ts'
import type { Call } from '../service.ts'
import { ecsTables } from './index.ts'
import type { PlacementRequest } from './placement/place.ts'
import {
  type ClusterRow,
  type ContainerInstanceRow,
  clusters,
  containerInstances,
  families,
  type RegisteredDefinition,
  type TaskDefinitionRow,
  type TaskRow,
  taskDefinitions,
  tasks,
} from './tables/index.ts'

export const scope: Scope = { accountId: '123456789012', region: 'eu-central-1' }
export const start = 1_700_000_000_000

const id = (number: number | string): string => String(number).padStart(32, '0')
export const instanceArn = (number: number): string => containerInstanceArn(scope, 'default', id(number))

const cluster: ClusterRow = {
  id: clusterArn(scope, 'default'),
  scope: scopeKey(scope),
  name: 'default',
  status: 'ACTIVE',
  settings: [],
  capacityProviders: [],
  defaultCapacityProviderStrategy: [],
  tags: [],
  createdAt: start,
}

const instance = (
  number: number,
  change: Partial<ContainerInstanceRow> = {},
  zone = 'a',
): ContainerInstanceRow => ({
  id: instanceArn(number),
  clusterArn: cluster.id,
  status: 'ACTIVE',
  ec2InstanceId: `i-${number}`,
  agentConnected: true,
  agentKind: 'berth',
  registered: { cpu: 4096, memoryMiB: 8192, ports: ['22/tcp'], gpuIds: [] },
  attributes: [
    { name: 'ecs.availability-zone', value: zone },
    { name: 'ecs.cpu-architecture', value: 'x86_64' },
  ],
  platformDevices: [],
  versionInfo: {},
  tags: [],
  registeredAt: start,
  registeredBy: 'AKIA',
  ...change,
})

const container = (change: Partial<ContainerDefinition> = {}): ContainerDefinition => ({
  name: 'web',
  image: 'web:1',
  cpu: 256,
  memory: 512,
  essential: true,
  portMappings: [],
  ...change,
})

const taskDefinition = (
  definition: Partial<RegisteredDefinition> = {},
  change: Partial<TaskDefinitionRow> = {},
): TaskDefinitionRow => ({
  id: arnOfTaskDefinition(scope, 'web', 1),
  scope: cluster.scope,
  family: 'web',
  revision: 1,
  status: 'ACTIVE',
  definition: {
    containerDefinitions: [container()],
    networkMode: 'bridge',
    compatibilities: ['EXTERNAL', 'EC2'],
    ...definition,
  },
  tags: [],
  registeredAt: start,
  registeredBy: 'root',
  ...change,
})

const task = (number: number | string, change: Partial<TaskRow> = {}): TaskRow => ({
  id: taskArn(scope, 'default', id(number)),
  clusterArn: cluster.id,
  taskDefinitionArn: arnOfTaskDefinition(scope, 'web', 1),
  family: 'web',
  group: 'family:web',
  containerInstanceArn: instanceArn(1),
  launchType: 'EC2',
  desiredStatus: 'RUNNING',
  lastStatus: 'PENDING',
  version: 1,
  containers: [{ name: 'web', id: 'c', lastStatus: 'PENDING' }],
  reserved: { cpu: 256, memoryMiB: 512, ports: [], gpuIds: [] },
  cpu: '256',
  memory: '512',
  overrides: {},
  tags: [],
  enableExecuteCommand: false,
  healthStatus: 'UNKNOWN',
  createdAt: start,
  ...change,
})

export const given = { cluster, instance, container, taskDefinition, task }

/** A store that holds these rows, and nothing else. */
export const storeWith = async (rows: {
  clusters?: readonly ClusterRow[]
  instances?: readonly ContainerInstanceRow[]
  taskDefinitions?: readonly TaskDefinitionRow[]
  tasks?: readonly TaskRow[]
}): Promise<JournaledStore> => {
  const { tables, histories } = ecsTables
  const store = createStore({ tables, histories, journal: createMemoryJournal(), freeze: true })
  await store.load()
  store.update(tx => {
    for (const row of rows.clusters ?? [cluster]) tx.put(clusters, row)
    for (const row of rows.instances ?? []) tx.put(containerInstances, row)
    for (const row of rows.tasks ?? []) tx.put(tasks, row)
    for (const row of rows.taskDefinitions ?? []) {
      tx.put(taskDefinitions, row)
      const { scope, family, revision } = row
      tx.put(families, {
        id: `${scope}/${family}`,
        scope,
        family,
        lastRevision: revision,
        latestActive: revision,
      })
    }
  })
  return store
}

/** What one container of the default task definition needs, for a placement. */
export const placementRequest = (change: Partial<PlacementRequest> = {}): PlacementRequest => ({
  clusterArn: cluster.id,
  launchType: 'EC2',
  requirements: {
    cpu: 256,
    memoryMiB: 512,
    ports: [],
    gpus: 0,
    networkMode: 'bridge',
    attributes: [],
    expressions: [],
  },
  constraints: [],
  strategy: [],
  group: 'family:web',
  seed: 'seed',
  ...change,
})

/** The instances of a view's tasks, as numbers, sorted. */
export const numbersOf = (arns: readonly string[]): number[] => arns.map(arn => Number(arn.slice(-6)))

/** A call by root, for handlers. Random bytes count up, so that ids differ and are known. */
export const callOn = (store: JournaledStore, now = start): Call => {
  let counter = 0
  const identity = {
    accountId: scope.accountId,
    arn: 'root',
    userId: 'root',
    accessKeyId: 'AKIA',
    isRoot: true,
  }
  return {
    scope,
    identity,
    now,
    store,
    request: {
      requestId: 'request',
      identity,
      region: scope.region,
      service: 'ecs',
      operation: '',
      protocol: 'json-1.1',
      sourceAddress: '127.0.0.1',
      userAgent: '',
      headers: {},
    },
    randomHex: bytes => {
      counter += 1
      return counter
        .toString(16)
        .padStart(8, '0')
        .repeat(bytes / 4)
    },
  }
}
