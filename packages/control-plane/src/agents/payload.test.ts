import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { given } from '../services/ecs/fixtures/rows.ts'
import type { RegisteredDefinition, TaskRow } from '../services/ecs/tables/index.ts'
import { type AgentFlavour, payloadTask } from './payload.ts'

const ours: AgentFlavour = { kind: 'berth' }
const official: AgentFlavour = { kind: 'ecs', awslogsEndpoint: 'http://berth:4566' }

const payload = (
  flavour: AgentFlavour,
  container: Partial<ContainerDefinition> = {},
  task: Partial<TaskRow> = {},
  definition: Partial<RegisteredDefinition> = {},
) =>
  payloadTask(
    given.task(1, task),
    given.taskDefinition({ containerDefinitions: [given.container(container)], ...definition }),
    flavour,
  )

const containerOf = (...parameters: Parameters<typeof payload>) => {
  const [container] = payload(...parameters).containers
  if (container === undefined) throw new Error('The payload has no container')
  return container
}

const dockerOf = (container: Partial<ContainerDefinition>) => {
  const { dockerConfig } = containerOf(official, container)
  const parsed = (text = '{}'): Record<string, unknown> => JSON.parse(text)
  return { config: parsed(dockerConfig?.config), hostConfig: parsed(dockerConfig?.hostConfig) }
}

test("A task for Berth's agent says all that its definition says, in ECS's words", () => {
  expect(payload(ours)).toEqual({
    arn: given.task(1).id,
    taskClusterArn: given.cluster.id,
    family: 'web',
    version: '1',
    desiredStatus: 'RUNNING',
    overrides: '{}',
    containers: [
      {
        name: 'web',
        image: 'web:1',
        essential: true,
        cpu: 256,
        memory: 512,
        environment: {},
        portMappings: [],
        definition: {},
        containerArn:
          'arn:aws:ecs:eu-central-1:123456789012:container/default/00000000000000000000000000000001/c',
      },
    ],
    volumes: [],
    networkMode: 'bridge',
    definition: {},
    launchType: 'EC2',
    group: 'family:web',
    taskDefinitionAccountId: '123456789012',
  })
})

test('A task that is to stop is only named', () => {
  const { containers, desiredStatus, overrides } = payload(official, {}, { desiredStatus: 'STOPPED' })
  expect({ containers, desiredStatus, overrides }).toEqual({
    containers: [],
    desiredStatus: 'STOPPED',
    overrides: '{}',
  })
})

const override: Partial<TaskRow> = {
  overrides: {
    cpu: '512',
    memory: '1 GB',
    containerOverrides: [
      {
        name: 'web',
        command: ['b'],
        environment: [{ name: 'B', value: '3' }],
        cpu: 64,
        memory: 100,
        memoryReservation: 50,
      },
    ],
  },
}
const overridden: Partial<ContainerDefinition> = {
  command: ['a'],
  environment: [
    { name: 'A', value: '1' },
    { name: 'B', value: '2' },
  ],
}

test("Overrides are merged for Berth's agent", () => {
  const task = payload(ours, overridden, override)
  expect(task.containers[0]).toMatchObject({
    command: ['b'],
    environment: { A: '1', B: '3' },
    cpu: 64,
    memory: 100,
    definition: { memoryReservation: 50 },
  })
  expect(task).toMatchObject({ cpu: 0.5, memory: 1024 })
})

test('The official agent gets overrides merged, but for the command', () => {
  const task = payload(official, overridden, override)
  expect(task.containers[0]).toMatchObject({
    command: ['a'],
    overrides: '{"command":["b"]}',
    environment: { A: '1', B: '3' },
    cpu: 64,
    memory: 100,
  })
  expect(JSON.parse(task.containers[0]?.dockerConfig?.hostConfig ?? '')).toMatchObject({
    MemoryReservation: 50 * 1024 * 1024,
  })
  expect(task.overrides).toBe('{}')
})

test('A definition that was overridden once is itself again for the next task', () => {
  const definition = given.taskDefinition({ containerDefinitions: [given.container(overridden)] })
  payloadTask(given.task(1, override), definition, ours)
  expect(payloadTask(given.task(2), definition, ours).containers[0]?.command).toEqual(['a'])
  payloadTask(given.task(1, override), definition, ours)
  expect(payloadTask(given.task(3), definition, ours).containers[0]?.command).toEqual(['a'])
})

test.each([
  ['bridge', undefined, 0],
  ['bridge', 0, 0],
  ['bridge', 8080, 8080],
  ['host', undefined, 80],
  ['host', 80, 80],
] as const)('In %s mode, host port %s of a mapping is sent as %d', (networkMode, hostPort, sent) => {
  const container = containerOf(
    ours,
    { portMappings: [{ containerPort: 80, hostPort }] },
    {},
    { networkMode },
  )
  expect(container.portMappings).toEqual([{ containerPort: 80, hostPort: sent, protocol: 'tcp' }])
})

test.each([
  ['256', 0.25],
  ['1 vCPU', 1],
  ['.5 vcpu', 0.5],
])('Task cpu %s is %d vCPU', (cpu, vcpus) => {
  expect(payload(ours, {}, {}, { cpu }).cpu).toBe(vcpus)
})

test.each([
  ['512', 512],
  ['2 GB', 2048],
  ['.5GB', 512],
])('Task memory %s is %d MiB', (memory, mebibytes) => {
  expect(payload(ours, {}, {}, { memory }).memory).toBe(mebibytes)
})

test('A health check gets its defaults: in seconds for ours, in nanoseconds for Docker', () => {
  const healthCheck = { command: ['CMD', 'true'], interval: 10 }
  expect(containerOf(ours, { healthCheck }).definition?.healthCheck).toEqual({
    command: ['CMD', 'true'],
    interval: 10,
    timeout: 5,
    retries: 3,
    startPeriod: 0,
  })
  expect(containerOf(official, { healthCheck }).healthCheckType).toBe('docker')
  expect(dockerOf({ healthCheck }).config).toEqual({
    Healthcheck: {
      Test: ['CMD', 'true'],
      Interval: 10_000_000_000,
      Timeout: 5_000_000_000,
      Retries: 3,
      StartPeriod: 0,
    },
  })
})

test("Logs of the official agent's containers are sent here, to the stream that ECS would name", () => {
  const options = { 'awslogs-group': 'g', 'awslogs-region': 'eu-central-1', 'awslogs-stream-prefix': 'p' }
  const { hostConfig } = dockerOf({ logConfiguration: { logDriver: 'awslogs', options } })
  expect(hostConfig['LogConfig']).toEqual({
    Type: 'awslogs',
    Config: {
      'awslogs-group': 'g',
      'awslogs-region': 'eu-central-1',
      'awslogs-stream': 'p/web/00000000000000000000000000000001',
      'awslogs-endpoint': 'http://berth:4566',
    },
  })
  expect(containerOf(ours, { logConfiguration: { logDriver: 'awslogs', options } }).definition).toEqual({
    logConfiguration: { logDriver: 'awslogs', options },
  })
})

const dockerCases: readonly (readonly [string, Partial<ContainerDefinition>, object, object])[] = [
  ['user', { user: '1000:1000' }, { User: '1000:1000' }, {}],
  ['working directory', { workingDirectory: '/srv' }, { WorkingDir: '/srv' }, {}],
  ['host name', { hostname: 'web' }, { Hostname: 'web' }, {}],
  ['labels', { dockerLabels: { a: 'b' } }, { Labels: { a: 'b' } }, {}],
  ['terminal', { pseudoTerminal: true, interactive: true }, { Tty: true, OpenStdin: true }, {}],
  ['privileges', { privileged: true }, {}, { Privileged: true }],
  ['read-only root', { readonlyRootFilesystem: true }, {}, { ReadonlyRootfs: true }],
  ['soft limit', { memoryReservation: 64 }, {}, { MemoryReservation: 67_108_864 }],
  [
    'name servers',
    { dnsServers: ['10.0.0.2'], dnsSearchDomains: ['x'] },
    {},
    { Dns: ['10.0.0.2'], DnsSearch: ['x'] },
  ],
  ['hosts', { extraHosts: [{ hostname: 'db', ipAddress: '10.0.0.3' }] }, {}, { ExtraHosts: ['db:10.0.0.3'] }],
  [
    'limits',
    { ulimits: [{ name: 'nofile', softLimit: 1, hardLimit: 2 }] },
    {},
    { Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }] },
  ],
  [
    'kernel settings',
    { systemControls: [{ namespace: 'net.core.somaxconn', value: '9' }] },
    {},
    { Sysctls: { 'net.core.somaxconn': '9' } },
  ],
  [
    'Linux parameters',
    {
      memory: 100,
      linuxParameters: {
        capabilities: { add: ['SYS_PTRACE'], drop: ['MKNOD'] },
        initProcessEnabled: true,
        sharedMemorySize: 32,
        maxSwap: 50,
        swappiness: 10,
        tmpfs: [{ containerPath: '/t', size: 16, mountOptions: ['noexec'] }],
        devices: [{ hostPath: '/dev/fuse', permissions: ['read', 'write'] }],
      },
    },
    {},
    {
      CapAdd: ['SYS_PTRACE'],
      CapDrop: ['MKNOD'],
      Init: true,
      ShmSize: 33_554_432,
      MemorySwap: 157_286_400,
      MemorySwappiness: 10,
      Tmpfs: { '/t': 'noexec,size=16m' },
      Devices: [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/fuse', CgroupPermissions: 'rw' }],
    },
  ],
]

test.each(dockerCases)(
  'The official agent gets %s as Docker writes it',
  (_, container, config, hostConfig) => {
    const sent = dockerOf(container)
    expect(sent.config).toEqual(config)
    expect(sent.hostConfig).toEqual({ CapAdd: [], CapDrop: [], ...hostConfig })
  },
)

test('Volumes keep their kind and its configuration', () => {
  const volumes = [
    { name: 'scratch', host: {} },
    { name: 'data', host: { sourcePath: '/data' } },
    { name: 'shared', dockerVolumeConfiguration: { scope: 'shared', autoprovision: true, driver: 'local' } },
    { name: 'files', efsVolumeConfiguration: { fileSystemId: 'fs-1' } },
  ] satisfies RegisteredDefinition['volumes']
  expect(payload(ours, {}, {}, { volumes }).volumes).toEqual([
    { name: 'scratch', type: 'host', host: {} },
    { name: 'data', type: 'host', host: { sourcePath: '/data' } },
    {
      name: 'shared',
      type: 'docker',
      dockerVolumeConfiguration: { scope: 'shared', autoprovision: true, driver: 'local' },
    },
    { name: 'files', type: 'efs', efsVolumeConfiguration: { fileSystemId: 'fs-1' } },
  ])
})

test('Everything that containers say of one another is passed on', () => {
  const said: Partial<ContainerDefinition> = {
    entryPoint: ['/entry'],
    links: ['db:db'],
    volumesFrom: [{ sourceContainer: 'db', readOnly: true }],
    mountPoints: [{ sourceVolume: 'v', containerPath: '/v' }],
    dependsOn: [{ containerName: 'db', condition: 'HEALTHY' }],
    startTimeout: 10,
    stopTimeout: 20,
    restartPolicy: { enabled: true, ignoredExitCodes: [0] },
  }
  const expected = { ...said, mountPoints: [{ sourceVolume: 'v', containerPath: '/v', readOnly: false }] }
  expect(containerOf(ours, said)).toMatchObject(expected)
  expect(containerOf(official, said)).toMatchObject(expected)
})

test('Each container is given the GPUs that the scheduler reserved, as many as it asks for', () => {
  const asking = (name: string, value: string) =>
    given.container({ name, resourceRequirements: [{ type: 'GPU', value }] })
  const task = given.task(1, {
    reserved: { cpu: 0, memoryMiB: 0, ports: [], gpuIds: ['GPU-a', 'GPU-b', 'GPU-c'] },
  })
  const definition = given.taskDefinition({ containerDefinitions: [asking('one', '1'), asking('two', '2')] })
  expect(
    payloadTask(task, definition, ours).containers.map(container => container.definition?.gpuIds),
  ).toEqual([['GPU-a'], ['GPU-b', 'GPU-c']])
  const { associations } = payloadTask(task, definition, official)
  expect(associations?.map(({ name, containers, type }) => [name, containers, type])).toEqual([
    ['GPU-a', ['one'], 'gpu'],
    ['GPU-b', ['two'], 'gpu'],
    ['GPU-c', ['two'], 'gpu'],
  ])
})

test('The official agent is told which container routes logs, and which send theirs to it', () => {
  const firelensConfiguration = {
    type: 'fluentbit' as const,
    options: { 'enable-ecs-log-metadata': 'false' },
  }
  expect(containerOf(official, { firelensConfiguration })).toMatchObject({ firelensConfiguration })
  const logConfiguration = { logDriver: 'awsfirelens' as const, options: { Name: 'stdout' } }
  expect(dockerOf({ logConfiguration }).hostConfig).toMatchObject({
    LogConfig: { Type: 'awsfirelens', Config: { Name: 'stdout' } },
  })
})

test('The official agent is told what it must read before it creates a container', () => {
  const key = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:key'
  const container = containerOf(official, {
    secrets: [{ name: 'KEY', valueFrom: key }],
    logConfiguration: { logDriver: 'splunk', secretOptions: [{ name: 'splunk-token', valueFrom: '/token' }] },
    environmentFiles: [{ type: 's3', value: 'arn:aws:s3:::bucket/a.env' }],
    repositoryCredentials: { credentialsParameter: key },
  })
  expect(container).toMatchObject({
    secrets: [
      {
        name: 'KEY',
        valueFrom: key,
        region: 'eu-west-1',
        provider: 'asm',
        type: 'ENVIRONMENT_VARIABLE',
        target: 'CONTAINER',
      },
      {
        name: 'splunk-token',
        valueFrom: '/token',
        region: 'eu-central-1',
        provider: 'ssm',
        target: 'LOG_DRIVER',
      },
    ],
    environmentFiles: [{ type: 's3', value: 'arn:aws:s3:::bucket/a.env' }],
    registryAuthentication: { type: 'asm', asmAuthData: { credentialsParameter: key, region: 'eu-west-1' } },
  })
})
