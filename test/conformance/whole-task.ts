/** A task with everything that a task can have, from its overrides to its end. */
import type { Task, TaskOverride } from '@aws-sdk/client-ecs'
import { expect } from 'vitest'
import { arn, type Berth, startedAt } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const gpu = (value: string) => [{ type: 'GPU' as const, value }]

export const overrides = {
  executionRoleArn: 'arn:aws:iam::111122223333:role/execution',
  cpu: '512',
  memory: '1024',
  containerOverrides: [
    {
      name: 'web',
      command: ['sleep', '1'],
      environment: [{ name: 'A', value: 'B' }],
      cpu: 128,
      memory: 300,
      memoryReservation: 200,
      resourceRequirements: gpu('2'),
    },
  ],
} satisfies TaskOverride

/** What RunTask and StartTask share. */
export const wholeRequest = {
  taskDefinition: 'whole',
  group: 'batch',
  startedBy: 'me',
  enableECSManagedTags: true,
  enableExecuteCommand: true,
  propagateTags: 'TASK_DEFINITION' as const,
  referenceId: 'reference',
  tags: [{ key: 'a', value: 'b' }],
  overrides,
}

const range = {
  bindIP: '0.0.0.0',
  containerPortRange: '90-91',
  hostPortRange: '49160-49161',
  protocol: 'tcp',
} as const
const port = { bindIP: '0.0.0.0', containerPort: 80, hostPort: 49153, protocol: 'tcp' } as const

const agentName = 'ExecuteCommandAgent' as const

/** What the host says of the agent in the container. */
const managedAgent = (status: string, reason?: string) => [
  { containerName: 'web', managedAgentName: agentName, status, reason },
]

export const wholeTaskCalls = (berth: Berth) => {
  const { connect, report } = taskCalls(berth)

  /** A cluster, a host with three GPUs, and the definition. */
  const ready = async (): Promise<string> => {
    await berth.ecs.createCluster({ clusterName: 'default' })
    await berth.ecs.registerTaskDefinition({
      family: 'whole',
      tags: [{ key: 'team', value: 'a' }],
      containerDefinitions: [
        {
          name: 'web',
          image: 'web:1',
          cpu: 256,
          memory: 512,
          memoryReservation: 256,
          portMappings: [{ containerPort: 80 }, { containerPortRange: '90-91' }],
          resourceRequirements: gpu('1'),
        },
        { name: 'side', image: 'side:1', memory: 64, essential: false, resourceRequirements: gpu('1') },
      ],
    })
    return connect({ gpuIds: ['GPU-1', 'GPU-2', 'GPU-3'] })
  }

  const run = (task: Task) =>
    report(
      task,
      'RUNNING',
      { runtimeId: 'r1', imageDigest: 'sha256:1', networkBindings: [port, range] },
      {
        pullStartedAt: new Date(1000),
        pullStoppedAt: new Date(2000),
        managedAgents: managedAgent('RUNNING'),
      },
    )

  const end = (task: Task) =>
    report(
      task,
      'STOPPED',
      { exitCode: 137, reason: 'why' },
      { executionStoppedAt: new Date(3000), managedAgents: managedAgent('STOPPED', 'it failed') },
    )

  return { ready, run, end }
}

const containerArn = (task: Task) =>
  expect.stringMatching(
    new RegExp(
      `^${(task.taskArn ?? '').replace(':task/', ':container/')}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`,
    ),
  )

const pendingAgent: object[] = [{ name: agentName, lastStatus: 'PENDING' }]
const runningAgent = { name: agentName, lastStatus: 'RUNNING', lastStartedAt: startedAt }

/** What the task is before its host has said anything. */
export const startedTask = (task: Task, instance: string) => ({
  attachments: [],
  attributes: [{ name: 'ecs.cpu-architecture', value: 'x86_64' }],
  availabilityZone: 'us-east-1a',
  clusterArn: arn('cluster/default'),
  containerInstanceArn: instance,
  containers: [
    {
      containerArn: containerArn(task),
      taskArn: task.taskArn,
      name: 'web',
      image: 'web:1',
      lastStatus: 'PENDING',
      networkBindings: [] as object[],
      networkInterfaces: [],
      healthStatus: 'UNKNOWN',
      cpu: '128',
      memory: '300',
      memoryReservation: '200',
      gpuIds: ['GPU-1', 'GPU-2'],
      managedAgents: pendingAgent,
    },
    {
      containerArn: containerArn(task),
      taskArn: task.taskArn,
      name: 'side',
      image: 'side:1',
      lastStatus: 'PENDING',
      networkBindings: [],
      networkInterfaces: [],
      healthStatus: 'UNKNOWN',
      cpu: '0',
      memory: '64',
      gpuIds: ['GPU-3'],
      managedAgents: pendingAgent,
    },
  ],
  cpu: '512',
  createdAt: startedAt,
  desiredStatus: 'RUNNING',
  enableExecuteCommand: true,
  group: 'batch',
  healthStatus: 'UNKNOWN',
  lastStatus: 'PENDING',
  launchType: 'EC2',
  memory: '1024',
  overrides: {
    ...overrides,
    containerOverrides: [...overrides.containerOverrides, { name: 'side' }],
    inferenceAcceleratorOverrides: [],
  },
  startedBy: 'me',
  tags: [
    { key: 'team', value: 'a' },
    { key: 'a', value: 'b' },
    { key: 'aws:ecs:clusterName', value: 'default' },
  ],
  taskArn: expect.stringMatching(/^arn:aws:ecs:us-east-1:111122223333:task\/default\/[0-9a-f]{32}$/),
  taskDefinitionArn: arn('task-definition/whole:1'),
  version: 1,
})

/** What `run` makes of it. */
export const runningTask = (task: Task, instance: string) => {
  const before = startedTask(task, instance)
  const [web, side] = before.containers
  return {
    ...before,
    lastStatus: 'RUNNING',
    connectivity: 'CONNECTED',
    connectivityAt: startedAt,
    startedAt,
    pullStartedAt: new Date(1000),
    pullStoppedAt: new Date(2000),
    containers: [
      {
        ...web,
        lastStatus: 'RUNNING',
        runtimeId: 'r1',
        imageDigest: 'sha256:1',
        networkBindings: [port, range],
        managedAgents: [runningAgent],
      },
      side,
    ],
    version: 2,
  }
}

/** What StopTask and then `end`, a second and two after its start, make of it. */
export const stoppedTask = (task: Task, instance: string) => {
  const before = runningTask(task, instance)
  const [web, side] = before.containers
  return {
    ...before,
    lastStatus: 'STOPPED',
    desiredStatus: 'STOPPED',
    stopCode: 'UserInitiated',
    stoppedReason: 'enough',
    stoppingAt: new Date(startedAt.getTime() + 1000),
    stoppedAt: new Date(startedAt.getTime() + 2000),
    executionStoppedAt: new Date(3000),
    containers: [
      {
        ...web,
        lastStatus: 'STOPPED',
        exitCode: 137,
        reason: 'why',
        managedAgents: [{ ...runningAgent, lastStatus: 'STOPPED', reason: 'it failed' }],
      },
      { ...side, lastStatus: 'STOPPED', managedAgents: [{ name: agentName, lastStatus: 'STOPPED' }] },
    ],
    version: 4,
  }
}
