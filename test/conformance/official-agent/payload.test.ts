/** What a task's payload says to the agent, in its own words, and that nothing of another flavour is in it. */
import type { ContainerDefinition, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { notExternal } from './scripted-agent.ts'
import { container, taskCalls, useWorld } from './world.ts'

const world = useWorld()
const { defineAndRun, define, run } = taskCalls(world)

const told = async (change: Partial<RegisterTaskDefinitionRequest>) => {
  const { acs } = await world.agent.join()
  await defineAndRun(change)
  return (await acs.next('PayloadMessage')).tasks[0]
}

const toldOfContainer = async (
  change: Partial<ContainerDefinition>,
  definition: Partial<RegisterTaskDefinitionRequest> = {},
) => {
  const task = await told({ containerDefinitions: [{ ...container, ...change }], ...definition })
  const [sent] = task.containers
  const { config, hostConfig } = sent.dockerConfig
  return { ...sent, config: JSON.parse(config), hostConfig: JSON.parse(hostConfig) }
}

/** The members of the agent's model. */
const taskMembers =
  'arn taskClusterArn family version desiredStatus overrides containers volumes cpu memory networkMode pidMode ipcMode launchType serviceName group zone taskDefinitionAccountId roleCredentials executionRoleCredentials elasticNetworkInterfaces associations attachments proxyConfiguration agentConfiguration enableFaultInjection trustedExecutionConfiguration'
const containerMembers =
  'name image essential cpu memory command entryPoint environment environmentFiles overrides portMappings links volumesFrom mountPoints dockerConfig dependsOn startTimeout stopTimeout restartPolicy healthCheckType secrets registryAuthentication logsAuthStrategy firelensConfiguration managedAgents networkInterfaceNames privileged linuxParameters credentialSpecs containerArn'

it('A task that uses everything has members of the agent’s model alone', async () => {
  const task = await told({
    taskRoleArn: 'app',
    executionRoleArn: 'puller',
    pidMode: 'task',
    ipcMode: 'task',
    cpu: '512',
    memory: '512',
    volumes: [{ name: 'data', host: {} }],
    containerDefinitions: [
      {
        ...container,
        command: ['serve'],
        entryPoint: ['sh'],
        user: 'nobody',
        secrets: [{ name: 'KEY', valueFrom: '/key' }],
        mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }],
        healthCheck: { command: ['CMD', 'true'] },
        linuxParameters: { initProcessEnabled: true },
        restartPolicy: { enabled: true },
      },
    ],
  })
  expect(taskMembers.split(' ')).toEqual(expect.arrayContaining(Object.keys(task)))
  expect(containerMembers.split(' ')).toEqual(expect.arrayContaining(Object.keys(task.containers[0])))
  expect(task).toMatchObject({
    family: 'web',
    version: '1',
    desiredStatus: 'RUNNING',
    overrides: '{}',
    cpu: 0.5,
    memory: 512,
    pidMode: 'task',
    ipcMode: 'task',
    networkMode: 'bridge',
    launchType: 'EXTERNAL',
    group: 'family:web',
    taskDefinitionAccountId: '000000000000',
  })
})

it.each(['host', 'none'] as const)(
  'network mode %s is for the engine, too: the agent adds nothing',
  async mode => {
    const task = await told({ networkMode: mode })
    expect(task.networkMode).toBe(mode)
    expect(JSON.parse(task.containers[0].dockerConfig.hostConfig).NetworkMode).toBe(mode)
  },
)

describe('overrides', () => {
  it('are merged, but for the command, which is the one key that a container may have', async () => {
    const { acs } = await world.agent.join()
    await define({
      containerDefinitions: [{ ...container, command: ['a'], environment: [{ name: 'A', value: '1' }] }],
    })
    const override = { name: 'web', command: ['b'], environment: [{ name: 'B', value: '2' }], memory: 96 }
    await run({ overrides: { containerOverrides: [override] } })
    const [sent] = (await acs.next('PayloadMessage')).tasks[0].containers
    expect(JSON.parse(sent.overrides)).toEqual({ command: ['b'] })
    expect(sent).toMatchObject({ command: ['a'], environment: { A: '1', B: '2' }, memory: 96 })
  })
})

describe('of a container', () => {
  it('ports, links, volumes, dependencies, timeouts and restarts are in the agent’s members', async () => {
    const task = await told({
      volumes: [{ name: 'data', host: { sourcePath: '/srv' } }],
      containerDefinitions: [
        {
          ...container,
          portMappings: [{ containerPort: 80 }, { containerPortRange: '90-92', protocol: 'udp' }],
        },
        {
          ...container,
          name: 'side',
          essential: false,
          links: ['web:w'],
          volumesFrom: [{ sourceContainer: 'web', readOnly: true }],
          mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }],
          dependsOn: [{ containerName: 'web', condition: 'START' }],
          startTimeout: 30,
          stopTimeout: 5,
          restartPolicy: { enabled: true, ignoredExitCodes: [3], restartAttemptPeriod: 60 },
        },
      ],
    })
    expect(task.volumes).toEqual([{ name: 'data', type: 'host', host: { sourcePath: '/srv' } }])
    expect(task.containers[0].portMappings).toEqual([
      { containerPort: 80, hostPort: 0, protocol: 'tcp' },
      { containerPortRange: '90-92', protocol: 'udp' },
    ])
    expect(task.containers[1]).toMatchObject({
      essential: false,
      links: ['web:w'],
      volumesFrom: [{ sourceContainer: 'web', readOnly: true }],
      mountPoints: [{ sourceVolume: 'data', containerPath: '/data', readOnly: false }],
      dependsOn: [{ containerName: 'web', condition: 'START' }],
      startTimeout: 30,
      stopTimeout: 5,
      restartPolicy: { enabled: true, ignoredExitCodes: [3], restartAttemptPeriod: 60 },
    })
  })

  it('a health check is docker’s, in lower case, and the check is there, in nanoseconds', async () => {
    const { healthCheckType, config } = await toldOfContainer({ healthCheck: { command: ['CMD', 'true'] } })
    expect(healthCheckType).toBe('docker')
    expect(config.Healthcheck).toEqual({
      Test: ['CMD', 'true'],
      Interval: 30e9,
      Timeout: 5e9,
      Retries: 3,
      StartPeriod: 0,
    })
  })

  it('what the engine does is JSON in the engine’s words, with the API version that it takes', async () => {
    const { dockerConfig, config, hostConfig } = await toldOfContainer({
      user: '7',
      privileged: true,
      readonlyRootFilesystem: true,
      dnsServers: ['10.0.0.1'],
      extraHosts: [{ hostname: 'db', ipAddress: '10.0.0.2' }],
      ulimits: [{ name: 'nofile', softLimit: 1, hardLimit: 2 }],
      memoryReservation: 32,
      linuxParameters: { sharedMemorySize: 8, capabilities: { drop: ['ALL'] } },
    })
    expect(dockerConfig.version).toMatch(/^1\.\d+$/)
    expect(config).toMatchObject({ User: '7' })
    expect(hostConfig).toMatchObject({
      Privileged: true,
      ReadonlyRootfs: true,
      Dns: ['10.0.0.1'],
      ExtraHosts: ['db:10.0.0.2'],
      Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
      MemoryReservation: 32 * 1024 * 1024,
      ShmSize: 8 * 1024 * 1024,
      CapDrop: ['ALL'],
    })
  })

  it('the keys of a registry are named, for the agent to read', async () => {
    const credentialsParameter = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:registry-AbCdEf'
    const { registryAuthentication } = await toldOfContainer(
      { repositoryCredentials: { credentialsParameter } },
      { executionRoleArn: 'puller' },
    )
    expect(registryAuthentication).toEqual({
      type: 'asm',
      asmAuthData: { credentialsParameter, region: 'us-east-1' },
    })
  })

  it('logs go to this server, with the execution role where there is one, to the stream that ECS names', async () => {
    const options = { 'awslogs-group': 'g', 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'p' }
    const sent = await toldOfContainer(
      { logConfiguration: { logDriver: 'awslogs', options } },
      { executionRoleArn: 'puller' },
    )
    expect(sent.logsAuthStrategy).toBe('ExecutionRole')
    expect(sent.hostConfig.LogConfig).toEqual({
      Type: 'awslogs',
      Config: {
        'awslogs-group': 'g',
        'awslogs-region': 'us-east-1',
        'awslogs-stream': expect.stringMatching(/^p\/web\/[0-9a-f]{32}$/),
        'awslogs-endpoint': world.server.endpoint,
      },
    })
  })
})

it('A log router and the containers that log to it are told as FireLens has them', async () => {
  const task = await told({
    containerDefinitions: [
      { ...container, logConfiguration: { logDriver: 'awsfirelens', options: { Name: 'stdout' } } },
      {
        ...container,
        name: 'router',
        firelensConfiguration: { type: 'fluentbit', options: { 'enable-ecs-log-metadata': 'true' } },
      },
    ],
  })
  expect(task.containers[1].firelensConfiguration).toEqual({
    type: 'fluentbit',
    options: { 'enable-ecs-log-metadata': 'true' },
  })
  expect(JSON.parse(task.containers[0].dockerConfig.hostConfig).LogConfig).toEqual({
    Type: 'awsfirelens',
    Config: { Name: 'stdout' },
  })
})

it('GPUs are associations, each with its one container', async () => {
  const { acs } = await world.agent.join({ platformDevices: [{ id: 'GPU-1', type: 'GPU' }] })
  await defineAndRun({
    containerDefinitions: [{ ...container, resourceRequirements: [{ type: 'GPU', value: '1' }] }],
  })
  const [task] = (await acs.next('PayloadMessage')).tasks
  expect(task.associations).toEqual([
    { name: 'GPU-1', type: 'gpu', containers: ['web'], content: { encoding: '', value: '' } },
  ])
})

it.each([
  [
    {
      name: 'd',
      dockerVolumeConfiguration: { scope: 'shared' as const, autoprovision: true, driver: 'local' },
    },
    { type: 'docker', dockerVolumeConfiguration: { scope: 'shared', autoprovision: true, driver: 'local' } },
  ],
  [{ name: 'd' }, { type: 'host', host: {} }],
])('The volume %j has a type that the agent parses, and a name', async (volume, expected) => {
  const task = await told({ volumes: [volume] })
  expect(task.volumes).toMatchObject([{ name: 'd', ...expected }])
})

it('An EFS volume names the root of its file system, for which the agent has no default', async () => {
  const { acs } = await world.agent.join(notExternal)
  await define({ volumes: [{ name: 'd', efsVolumeConfiguration: { fileSystemId: 'fs-1' } }] })
  await run({ launchType: 'EC2' })
  const [task] = (await acs.next('PayloadMessage')).tasks
  expect(task.volumes).toEqual([
    { name: 'd', type: 'efs', efsVolumeConfiguration: { fileSystemId: 'fs-1', rootDirectory: '/' } },
  ])
})
