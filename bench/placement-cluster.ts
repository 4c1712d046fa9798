/** The cluster of the scheduler's benchmarks: 5,000 container instances, and services of a hundred tasks. */
import { randomBytes } from 'node:crypto'
import type { PlacementConstraint, PlacementStrategy } from '@aws-sdk/client-ecs'
import { clusterArn, containerInstanceArn, type Scope, serviceArn, taskDefinitionArn } from '@berth/model'
import { createMemoryJournal } from '../packages/control-plane/src/journals/memory-journal.ts'
import { ecsTables } from '../packages/control-plane/src/services/ecs/index.ts'
import {
  type ClusterRow,
  type ContainerInstanceRow,
  clusters,
  containerInstances,
  type ServiceRow,
  type TaskDefinitionRow,
  taskDefinitions,
} from '../packages/control-plane/src/services/ecs/tables/index.ts'
import { createStore, type JournaledStore } from '../packages/control-plane/src/store/journaled-store.ts'

export const instances = 5_000
export const tasksPerService = 100
export const scope: Scope = { accountId: '123456789012', region: 'us-east-1' }
export const createdAt = 1_790_000_000_000
export const hex = (bytes: number): string => randomBytes(bytes).toString('hex')

export interface Kind {
  readonly strategy: PlacementStrategy[]
  readonly constraints: PlacementConstraint[]
}

export const cluster: ClusterRow = {
  id: clusterArn(scope, 'bench'),
  scope: `${scope.accountId}/${scope.region}`,
  name: 'bench',
  status: 'ACTIVE',
  settings: [],
  capacityProviders: [],
  defaultCapacityProviderStrategy: [],
  tags: [],
  createdAt,
}

export const definition: TaskDefinitionRow = {
  id: taskDefinitionArn(scope, 'web', 1),
  scope: cluster.scope,
  family: 'web',
  revision: 1,
  status: 'ACTIVE',
  definition: {
    containerDefinitions: [
      { name: 'web', image: 'web:1', versionConsistency: 'disabled', cpu: 128, memory: 256, essential: true },
    ],
    networkMode: 'bridge',
    compatibilities: ['EXTERNAL', 'EC2'],
  },
  tags: [],
  registeredAt: createdAt,
  registeredBy: `arn:aws:iam::${scope.accountId}:root`,
}

/** Three sizes of hosts in three zones and four racks: room for 24 to 96 tasks each. */
const instanceRow = (number: number): ContainerInstanceRow => ({
  id: containerInstanceArn(scope, 'bench', hex(16)),
  clusterArn: cluster.id,
  status: 'ACTIVE',
  ec2InstanceId: `mi-${hex(8)}`,
  agentConnected: true,
  agentKind: 'berth',
  registered: {
    cpu: 4096 * 2 ** (number % 3),
    memoryMiB: 8192 * 2 ** (number % 3),
    ports: ['22/tcp'],
    gpuIds: [],
  },
  attributes: [
    { name: 'ecs.availability-zone', value: `${scope.region}${'abc'[Math.floor(number / 3) % 3]}` },
    { name: 'ecs.cpu-architecture', value: 'x86_64' },
    { name: 'ecs.os-type', value: 'linux' },
    { name: 'rack', value: `r${(Math.floor(number / 9) % 4) + 1}` },
  ],
  platformDevices: [],
  versionInfo: {},
  tags: [],
  registeredAt: createdAt,
  registeredBy: 'AKIABENCHMARKAGENT00',
})

export const serviceRow = (number: number, { strategy, constraints }: Kind): ServiceRow => ({
  id: serviceArn(scope, 'bench', `web-${number}`),
  clusterArn: cluster.id,
  name: `web-${number}`,
  status: 'ACTIVE',
  desiredCount: tasksPerService,
  taskDefinitionArn: definition.id,
  launchType: 'EC2',
  schedulingStrategy: 'REPLICA',
  deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200 },
  placementConstraints: constraints,
  placementStrategy: strategy,
  availabilityZoneRebalancing: 'DISABLED',
  enableECSManagedTags: false,
  enableExecuteCommand: false,
  propagateTags: 'NONE',
  createdBy: definition.registeredBy,
  createdAt,
  tags: [],
  primaryDeploymentId: `ecs-svc/${String(number).padStart(19, '0')}`,
})

export const clusterOf = async (): Promise<JournaledStore> => {
  const store = createStore({ ...ecsTables, journal: createMemoryJournal() })
  await store.load()
  store.update(tx => {
    tx.put(clusters, cluster)
    tx.put(taskDefinitions, definition)
    for (let number = 0; number < instances; number++) tx.put(containerInstances, instanceRow(number))
  })
  return store
}

/** Processor time of this thread, in milliseconds, counted in steps of up to 4: for sums, while other programs run, too. */
export const processorMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
