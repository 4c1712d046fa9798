/** A cluster's rows as RunTask, services and agents' reports would have made them, written through the real store. */
import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { clusterArn, containerInstanceArn, type Scope, serviceArn, taskDefinitionArn } from '@berth/model'
import { createSqliteJournal } from '../packages/control-plane/src/journals/sqlite/sqlite-journal.ts'
import { completed } from '../packages/control-plane/src/services/ecs/deployment/rollout.ts'
import { ecsTables } from '../packages/control-plane/src/services/ecs/index.ts'
import {
  type ClusterRow,
  type ContainerInstanceRow,
  clusters,
  containerInstances,
  type DeploymentRow,
  deployments,
  families,
  type ServiceRow,
  services,
  type TaskDefinitionRow,
  type TaskRow,
  taskDefinitions,
  tasks,
} from '../packages/control-plane/src/services/ecs/tables/index.ts'
import { newTask, serviceGroup } from '../packages/control-plane/src/services/ecs/task-creation.ts'
import { applyReport } from '../packages/control-plane/src/services/ecs/task-report.ts'
import { createStore, type JournaledStore } from '../packages/control-plane/src/store/journaled-store.ts'
import { tableModules } from '../packages/control-plane/src/table-modules.ts'
import { accountId, region } from './berth-server.ts'

const scope: Scope = { accountId, region }
export const clusterName = 'bench'
const createdAt = Date.now()
const tasksPerService = 500
const hex = (bytes: number): string => randomBytes(bytes).toString('hex')

const cluster: ClusterRow = {
  id: clusterArn(scope, clusterName),
  scope: `${accountId}/${region}`,
  name: clusterName,
  status: 'ACTIVE',
  settings: [],
  capacityProviders: [],
  defaultCapacityProviderStrategy: [],
  tags: [],
  createdAt,
}

const taskDefinition: TaskDefinitionRow = {
  id: taskDefinitionArn(scope, 'web', 1),
  scope: cluster.scope,
  family: 'web',
  revision: 1,
  status: 'ACTIVE',
  definition: {
    containerDefinitions: [{ name: 'web', image: 'web:1', cpu: 10, memory: 32, essential: true }],
    networkMode: 'bridge',
    compatibilities: ['EXTERNAL', 'EC2'],
  },
  tags: [],
  registeredAt: createdAt,
  registeredBy: `arn:aws:iam::${accountId}:root`,
}

/** Hosts with room for everything, of official agents: the server waits 150 s for those before it misses them. */
const instanceRow = (number: number): ContainerInstanceRow => ({
  id: containerInstanceArn(scope, clusterName, hex(16)),
  clusterArn: cluster.id,
  status: 'ACTIVE',
  ec2InstanceId: `mi-${hex(8)}`,
  agentConnected: true,
  agentKind: 'ecs',
  registered: { cpu: 1e9, memoryMiB: 1e9, ports: ['22/tcp'], gpuIds: [] },
  attributes: [
    { name: 'ecs.availability-zone', value: `${region}${'abc'[number % 3]}` },
    { name: 'ecs.cpu-architecture', value: 'x86_64' },
    { name: 'ecs.os-type', value: 'linux' },
    { name: 'com.amazonaws.ecs.capability.docker-remote-api.1.21' },
  ],
  platformDevices: [],
  versionInfo: { agentVersion: '1.105.1', dockerVersion: 'DockerVersion: 28.0.0' },
  tags: [],
  registeredAt: createdAt,
  registeredBy: 'AKIABENCHMARKAGENT00',
})

const serviceRow = (number: number, desiredCount: number): ServiceRow => ({
  id: serviceArn(scope, clusterName, `web-${number}`),
  clusterArn: cluster.id,
  name: `web-${number}`,
  status: 'ACTIVE',
  desiredCount,
  taskDefinitionArn: taskDefinition.id,
  launchType: 'EC2',
  schedulingStrategy: 'REPLICA',
  deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200 },
  placementConstraints: [],
  placementStrategy: [],
  availabilityZoneRebalancing: 'DISABLED',
  enableECSManagedTags: false,
  enableExecuteCommand: false,
  propagateTags: 'NONE',
  createdBy: `arn:aws:iam::${accountId}:root`,
  createdAt,
  tags: [],
  primaryDeploymentId: deploymentId(number),
  steadyAt: createdAt,
})

const deploymentId = (number: number): string => `ecs-svc/${String(number).padStart(19, '0')}`

const deploymentRow = (number: number, { id, desiredCount }: ServiceRow): DeploymentRow => ({
  id: deploymentId(number),
  serviceArn: id,
  status: 'PRIMARY',
  taskDefinitionArn: taskDefinition.id,
  desiredCount,
  launchType: 'EC2',
  failedLaunches: 0,
  failedTasks: 0,
  rolloutState: 'COMPLETED',
  rolloutStateReason: completed(deploymentId(number)),
  createdAt,
  updatedAt: createdAt,
})

const pendingTask = (service: ServiceRow, instance: ContainerInstanceRow): TaskRow =>
  newTask({
    scope,
    cluster,
    taskDefinition,
    choice: { instance, gpuIds: [] },
    launchType: 'EC2',
    group: serviceGroup(service.name),
    startedBy: service.primaryDeploymentId,
    serviceArn: service.id,
    deploymentId: service.primaryDeploymentId,
    tags: [],
    now: createdAt,
    randomHex: hex,
  })

/** What the host of a task reports once it runs. */
const reportRunning = (task: TaskRow): TaskRow => {
  const containers = task.containers.map(({ name }) => ({
    containerName: name,
    status: 'RUNNING' as const,
    runtimeId: hex(32),
    imageDigest: `sha256:${hex(32)}`,
  }))
  const times = { pullStartedAt: createdAt, pullStoppedAt: createdAt }
  const report = { taskArn: task.id, status: 'RUNNING' as const, containers, ...times }
  return applyReport(task, report, createdAt) ?? task
}

export const openStore = async (directory: string): Promise<JournaledStore> => {
  const store = createStore({ ...ecsTables, journal: createSqliteJournal({ directory, tableModules }) })
  await store.load()
  return store
}

export interface Fleet {
  readonly instances: number
  /** RUNNING tasks, of services of 500 each. */
  readonly tasks: number
}

/** Fills an empty store. */
export const fill = async (store: JournaledStore, fleet: Fleet): Promise<void> => {
  const instances = Array.from({ length: fleet.instances }, (_, number) => instanceRow(number))
  store.update(tx => {
    tx.put(clusters, cluster)
    tx.put(taskDefinitions, taskDefinition)
    const { family, revision } = taskDefinition
    const familyId = `${cluster.scope}/${family}`
    tx.put(families, {
      id: familyId,
      scope: cluster.scope,
      family,
      lastRevision: revision,
      latestActive: revision,
    })
    for (const instance of instances) tx.put(containerInstances, instance)
  })
  for (let made = 0; made < fleet.tasks; made += tasksPerService) {
    const number = made / tasksPerService
    const service = serviceRow(number, Math.min(tasksPerService, fleet.tasks - made))
    store.update(tx => {
      tx.put(services, service)
      tx.put(deployments, deploymentRow(number, service))
    })
    for (let index = 0; index < service.desiredCount; index++) {
      const task = pendingTask(service, instances[(made + index) % instances.length]!)
      store.update(tx => tx.put(tasks, task))
      store.update(tx => tx.put(tasks, reportRunning(task)))
    }
    await nextTurn()
  }
}

/** Writes a data directory that a server can be started on; gives the ARNs of its tasks. */
export const fillDirectory = async (directory: string, fleet: Fleet): Promise<string[]> => {
  const store = await openStore(directory)
  await fill(store, fleet)
  const arns = [...store.all(tasks)].map(({ id }) => id)
  await store.close()
  return arns
}
