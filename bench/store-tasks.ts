import { type Aggregate, defineTable } from '../packages/control-plane/src/store/table.ts'

type BenchTask = ReturnType<typeof taskRow>

const ACCOUNT = 'arn:aws:ecs:us-east-1:123456789012'

/** As wide as a task of ECS: 35 fields, one container. */
export const taskRow = (n: number, lastStatus = 'RUNNING') => {
  const name = (Math.imul(n, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0').repeat(4)
  const id = `${ACCOUNT}:task/production/${name}`
  const createdAt = 1_790_000_000_000 + n
  return {
    id,
    accountId: '123456789012',
    region: 'us-east-1',
    clusterArn: `${ACCOUNT}:cluster/production`,
    containerInstanceArn: `${ACCOUNT}:container-instance/production/${(n % 500).toString(16).padStart(32, '0')}`,
    taskDefinitionArn: `${ACCOUNT}:task-definition/web-${n % 50}:7`,
    family: `web-${n % 50}`,
    group: `service:web-${n % 200}`,
    serviceArn: `${ACCOUNT}:service/production/web-${n % 200}`,
    startedBy: `ecs-svc/${String(n % 200).padStart(19, '0')}`,
    launchType: 'EC2',
    platformFamily: 'Linux',
    availabilityZone: `us-east-1${'abc'[n % 3]}`,
    desiredStatus: 'RUNNING',
    lastStatus,
    healthStatus: 'HEALTHY',
    connectivity: 'CONNECTED',
    connectivityAt: createdAt + 900,
    cpu: '256',
    memory: '512',
    cpuUnits: 256,
    memoryMiB: 512,
    createdAt,
    pullStartedAt: createdAt + 300,
    pullStoppedAt: createdAt + 500,
    startedAt: createdAt + 1000,
    version: 4,
    enableExecuteCommand: false,
    ephemeralStorageGiB: 20,
    attachments: [],
    attributes: [{ name: 'ecs.cpu-architecture', value: 'x86_64' }],
    tags: [{ key: 'team', value: 'shop' }],
    overrides: { containerOverrides: [{ name: 'web' }], inferenceAcceleratorOverrides: [] },
    ports: [{ containerPort: 80, hostPort: 32768 + (n % 20_000), protocol: 'tcp' }],
    containers: [
      {
        containerArn: `${ACCOUNT}:container/production/${name}/${name.slice(0, 12)}`,
        name: 'web',
        image: 'registry.example.com/shop/web:2026-11-20',
        runtimeId: name.repeat(2),
        lastStatus,
        healthStatus: 'HEALTHY',
        cpu: '256',
        memory: '512',
        networkBindings: [
          { bindIP: '0.0.0.0', containerPort: 80, hostPort: 32768 + (n % 20_000), protocol: 'tcp' },
        ],
      },
    ],
  }
}

const usage: Aggregate<BenchTask, { cpu: number; memory: number; tasks: number }> = {
  key: row => row.containerInstanceArn,
  empty: () => ({ cpu: 0, memory: 0, tasks: 0 }),
  add: (total, row) => {
    total.cpu += row.cpuUnits
    total.memory += row.memoryMiB
    total.tasks++
  },
  remove: (total, row) => {
    total.cpu -= row.cpuUnits
    total.memory -= row.memoryMiB
    total.tasks--
  },
  isEmpty: total => total.tasks === 0,
}

export const tasks = defineTable<BenchTask>()({
  name: 'bench.tasks',
  indexes: {
    byCluster: row => row.clusterArn,
    byService: row => row.serviceArn,
    byInstance: row => row.containerInstanceArn,
    byStatus: row => `${row.clusterArn} ${row.lastStatus}`,
    byFamily: row => `${row.clusterArn} ${row.family}`,
    byStartedBy: row => row.startedBy,
  },
  aggregates: { usage },
})
