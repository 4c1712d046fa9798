import { expect, test } from 'vitest'
import {
  container,
  definition,
  fargate,
  port,
  withContainer,
  withContainers,
} from './fixtures/definitions.ts'
import { compatibilitiesOf, isFargateSize, problemOf, requiredAttributesOf, withDefaults } from './index.ts'
import type { DefinitionLike } from './types.ts'

const healthy = { command: ['CMD', 'true'] }

test.each<[string, DefinitionLike]>([
  ['the least definition', definition()],
  ['memoryReservation alone', withContainer({ memory: undefined, memoryReservation: 32 })],
  ['memory of the task alone', withContainer({ memory: undefined }, { memory: '1 GB' })],
  ['the cpu of the task in vCPU', definition({ cpu: '.5 vCPU' })],
  [
    'one host port for tcp and udp',
    withContainer({
      portMappings: [
        { containerPort: 53, hostPort: 53 },
        { containerPort: 53, hostPort: 53, protocol: 'udp' },
      ],
    }),
  ],
  [
    'the same container port twice with bridge',
    withContainers({ name: 'a', ...port(80) }, { name: 'b', ...port(80) }),
  ],
  [
    'a dependency that ends',
    withContainers(
      { dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }] },
      { name: 'init', essential: false },
    ),
  ],
  ['a Fargate task', definition(fargate)],
  ['a health check that says NONE', withContainer({ healthCheck: { command: ['NONE'] } })],
  ['an unlimited hard limit', withContainer({ ulimits: [{ name: 'core', softLimit: 5, hardLimit: -1 }] })],
])('%s may be registered', (_, given) => {
  expect(problemOf(given)).toBeUndefined()
})

test.each<[string, DefinitionLike]>([
  ['TaskDefinition.family should not be null or empty.', definition({ family: '' })],
  ['Family contains invalid characters.', definition({ family: 'a:b' })],
  ['Family contains invalid characters.', definition({ family: 'a'.repeat(256) })],
  ['Container list cannot be empty.', definition({ containerDefinitions: [] })],
  [
    'Too many container definitions: 11. The maximum is 10.',
    withContainers(...Array.from({ length: 11 }, (_, index) => ({ name: `c${index}` }))),
  ],
  ['Container.name should not be null or empty.', withContainer({ name: '' })],
  ["Container name contains invalid characters: 'a b'.", withContainer({ name: 'a b' })],
  ['Container names must be unique within a task definition', withContainers({}, {})],
  ['At least one container of the task definition must be essential.', withContainer({ essential: false })],
  ['Container.image should not be null or empty.', withContainer({ image: '' })],
  ['Role is not valid', definition({ taskRoleArn: 'arn:aws:iam::1:role/x' })],
  ["Invalid 'cpu' setting for task.", definition({ cpu: '100' })],
  ["Invalid 'cpu' setting for task.", definition({ cpu: 'one' })],
  ["Invalid 'memory' setting for task.", definition({ memory: '1 TB' })],
  [
    "The sum of all container 'cpu' values cannot be greater than the task-level 'cpu' value",
    withContainer({ cpu: 300 }, { cpu: '256' }),
  ],
  ['The sum of the memory settings of the containers', withContainer({ memory: 600 }, { memory: '512' })],
  [
    "The 'memory' setting for container 'app' is greater than for the task",
    withContainer({ memory: 600, memoryReservation: 100 }, { memory: '512' }),
  ],
  [
    "At least one of 'memory' or 'memoryReservation' must be specified.",
    withContainer({ memory: undefined }),
  ],
  ["'memory' must be at least 6.", withContainer({ memory: 5 })],
  [
    "'memory' must be greater than or equal to 'memoryReservation'.",
    withContainer({ memoryReservation: 65 }),
  ],
  ["Unknown volume 'data'.", withContainer({ mountPoints: [{ sourceVolume: 'data', containerPath: '/d' }] })],
  [
    "A mount point needs a 'containerPath'.",
    withContainer({ mountPoints: [{ sourceVolume: 'data' }] }, { volumes: [{ name: 'data' }] }),
  ],
  [
    "Invalid 'volumesFrom' setting. Unknown container: 'db'",
    withContainer({ volumesFrom: [{ sourceContainer: 'db' }] }),
  ],
  ["Volume names must be unique: 'a'", definition({ volumes: [{ name: 'a' }, { name: 'a' }] })],
  [
    "Volume 'a' has more than one configuration.",
    definition({
      volumes: [{ name: 'a', host: { sourcePath: '/a' }, efsVolumeConfiguration: { fileSystemId: 'fs-1' } }],
    }),
  ],
  [
    "constraint.type 'distinctInstance' is not supported.",
    definition({
      placementConstraints: [{ type: 'distinctInstance' }],
    }),
  ],
  [
    "constraint.expression 'attributes:a==b' is not valid.",
    definition({
      placementConstraints: [{ type: 'memberOf', expression: 'attributes:a==b' }],
    }),
  ],
  [
    'Proxy container [envoy] does not exist',
    definition({
      networkMode: 'awsvpc',
      proxyConfiguration: { containerName: 'envoy' },
    }),
  ],
  [
    'EphemeralStorage size should be at least 21',
    definition({ ...fargate, ephemeralStorage: { sizeInGiB: 20 } }),
  ],
  [
    "you must also specify a value for 'executionRoleArn'",
    withContainer({ secrets: [{ name: 'A', valueFrom: 'b' }] }),
  ],
  [
    "such as 'A'.",
    withContainer(
      { secrets: [{ name: 'A', valueFrom: 'b' }], environment: [{ name: 'A', value: 'c' }] },
      { executionRoleArn: 'role' },
    ),
  ],
  [
    'The health check interval must be between 5 and 300.',
    withContainer({ healthCheck: { ...healthy, interval: 4 } }),
  ],
  [
    'The health check retries must be between 1 and 10.',
    withContainer({ healthCheck: { ...healthy, retries: 11 } }),
  ],
  ['has nothing after CMD-SHELL.', withContainer({ healthCheck: { command: ['CMD-SHELL'] } })],
  ["'stopTimeout' must not be negative.", withContainer({ stopTimeout: -1 })],
  [
    'Log driver awslogs requires options: awslogs-region',
    withContainer({
      logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': 'a' } },
    }),
  ],
  [
    'Soft limit exceeds hard limit for ulimit nofile',
    withContainer({
      ulimits: [{ name: 'nofile', softLimit: 2, hardLimit: 1 }],
    }),
  ],
  ["'swappiness' must be between 0 and 100.", withContainer({ linuxParameters: { swappiness: 101 } })],
  [
    "the 'restartAttemptPeriod' setting for container 'app' must be between 60 and 1800",
    withContainer({
      restartPolicy: { enabled: true, restartAttemptPeriod: 59 },
    }),
  ],
  [
    "Container 'app' cannot depend on itself.",
    withContainer({
      dependsOn: [{ containerName: 'app', condition: 'START' }],
    }),
  ],
  [
    "Cannot depend on container + 'db' because it does not exist",
    withContainer({
      dependsOn: [{ containerName: 'db', condition: 'START' }],
    }),
  ],
  [
    'A dependency container with HEALTHY condition must have health check configured',
    withContainers({ dependsOn: [{ containerName: 'db', condition: 'HEALTHY' }] }, { name: 'db' }),
  ],
  [
    'SUCCESS or COMPLETE condition cannot be an essential container',
    withContainers({ dependsOn: [{ containerName: 'db', condition: 'COMPLETE' }] }, { name: 'db' }),
  ],
  [
    'There is a cycle in the container dependencies: a -> b -> a.',
    withContainers(
      { name: 'a', dependsOn: [{ containerName: 'b', condition: 'START' }] },
      { name: 'b', dependsOn: [{ containerName: 'a', condition: 'START' }] },
    ),
  ],
  [
    'Links are not supported when networkMode=awsvpc.',
    withContainer({ links: ['db'] }, { networkMode: 'awsvpc' }),
  ],
  ["links to a container that does not exist: 'db'.", withContainer({ links: ['db:alias'] })],
  [
    'Container links should not have a cycle',
    withContainers({ name: 'a', links: ['b'] }, { name: 'b', links: ['a'] }),
  ],
  [
    'When networkMode=host, the host ports and container ports in port mappings must match.',
    withContainer(port(80, 8080), { networkMode: 'host' }),
  ],
  [
    'Port mappings are not supported when networkMode=none.',
    withContainer(port(80), { networkMode: 'none' }),
  ],
  ['Invalid port 65536', withContainer(port(65_536))],
  [
    "Containers 'a' and 'b' map the same port 8080/tcp.",
    withContainers({ name: 'a', ...port(80, 8080) }, { name: 'b', ...port(81, 8080) }),
  ],
  [
    "Invalid 'containerPortRange' setting for container 'app': '9-8'",
    withContainer({ portMappings: [{ containerPortRange: '9-8' }] }),
  ],
  ['give a containerPort or a containerPortRange.', withContainer({ portMappings: [{}] })],
  [
    'DNS servers are not supported on container when networkMode=awsvpc',
    withContainer({ dnsServers: ['10.0.0.1'] }, { networkMode: 'awsvpc' }),
  ],
  ['Fargate only supports network mode ‘awsvpc’.', definition({ ...fargate, networkMode: 'bridge' })],
  ["Fargate requires that 'cpu' be defined at the task level.", definition({ ...fargate, cpu: undefined })],
  ['No Fargate configuration exists for given values.', definition({ ...fargate, memory: '4096' })],
  ["Fargate requires that the 'privileged' setting be 'false'", withContainer({ privileged: true }, fargate)],
  [
    'Fargate requires task definition to have execution role ARN to support ECR images.',
    withContainer({ image: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:1' }, fargate),
  ],
  [
    "External does not support network mode 'awsvpc'.",
    definition({
      requiresCompatibilities: ['EXTERNAL'],
      networkMode: 'awsvpc',
    }),
  ],
  [
    'at least one container has to be configured with the awsfirelens log driver',
    withContainer({
      firelensConfiguration: { type: 'fluentbit' },
    }),
  ],
])('refused with: %s', (message, given) => {
  expect(problemOf(given)).toContain(message)
})

test.each([
  [256, 512, true],
  [256, 2048, true],
  [256, 4096, false],
  [512, 512, false],
  [1024, 8192, true],
  [4096, 30_720, true],
  [8192, 17_408, false],
  [16_384, 122_880, true],
  [32_768, 249_856, true],
  [100, 512, false],
])('Fargate has %i cpu units with %i MiB: %s', (cpu, memoryMiB, expected) => {
  expect(isFargateSize(cpu, memoryMiB)).toBe(expected)
})

test('host ports follow the network mode', () => {
  const hostPort = (networkMode: string) =>
    withDefaults(withContainer(port(80), { networkMode })).containerDefinitions[0]?.portMappings
  expect(hostPort('bridge')).toEqual([{ containerPort: 80, hostPort: 0, protocol: 'tcp' }])
  expect(hostPort('host')).toEqual([{ containerPort: 80, hostPort: 80, protocol: 'tcp' }])
})

test('defaults never replace what is said', () => {
  const said = container({
    cpu: 5,
    essential: false,
    environment: [{ name: 'A', value: 'b' }],
    healthCheck: { command: ['CMD', 'true'], interval: 7 },
  })
  const [echoed] = withDefaults(definition({ containerDefinitions: [said] })).containerDefinitions
  expect(echoed).toMatchObject({ ...said, healthCheck: { interval: 7, timeout: 5, retries: 3 } })
})

test('where a definition can run follows from what it needs', () => {
  expect(compatibilitiesOf(definition({ networkMode: 'bridge' }))).toEqual(['EXTERNAL', 'EC2'])
  expect(compatibilitiesOf(definition(fargate))).toEqual(['EC2', 'FARGATE'])
})

test('required attributes are told once each', () => {
  const both = withContainers({ privileged: true }, { name: 'b', privileged: true })
  expect(requiredAttributesOf(both)).toEqual(['com.amazonaws.ecs.capability.privileged-container'])
})

const capability = (name: string): string => `com.amazonaws.ecs.capability.${name}`
const ofEcs = (name: string): string => `ecs.capability.${name}`
const role = 'arn:aws:iam::111122223333:role/r'
const awslogs = {
  logConfiguration: {
    logDriver: 'awslogs',
    options: { 'awslogs-group': 'g', 'awslogs-region': 'us-west-2', 'awslogs-stream-prefix': 'ecs' },
  },
}
const ecr = '111122223333.dkr.ecr.us-west-2.amazonaws.com/app:latest'
const efs = { fileSystemId: 'fs-1', transitEncryption: 'ENABLED' }

/** Compared with definitions that ECS described in public; which Docker API more storage brings could not be told from them. */
test.each<[string, DefinitionLike, string[]]>([
  [
    'Fargate with awslogs and an image in ECR',
    withContainer({ image: ecr, ...awslogs }, { ...fargate, executionRoleArn: role }),
    [
      capability('logging-driver.awslogs'),
      ofEcs('execution-role-awslogs'),
      capability('ecr-auth'),
      capability('docker-remote-api.1.19'),
      ofEcs('execution-role-ecr-pull'),
      capability('docker-remote-api.1.18'),
      ofEcs('task-eni'),
    ],
  ],
  [
    'a task role, an encrypted EFS volume and a soft limit',
    withContainer(
      { image: ecr, memoryReservation: 32, ...awslogs },
      {
        ...fargate,
        executionRoleArn: role,
        taskRoleArn: role,
        volumes: [{ name: 'v', efsVolumeConfiguration: efs }],
      },
    ),
    [
      ofEcs('execution-role-awslogs'),
      capability('ecr-auth'),
      capability('docker-remote-api.1.21'),
      capability('task-iam-role'),
      ofEcs('execution-role-ecr-pull'),
      capability('docker-remote-api.1.18'),
      ofEcs('task-eni'),
      capability('logging-driver.awslogs'),
      ofEcs('efsAuth'),
      capability('docker-remote-api.1.19'),
      ofEcs('efs'),
      capability('docker-remote-api.1.25'),
    ],
  ],
  [
    'shared processes and more storage',
    definition({ ...fargate, pidMode: 'task', ephemeralStorage: { sizeInGiB: 21 } }),
    [
      ofEcs('pid-ipc-namespace-sharing'),
      ofEcs('extensible-ephemeral-storage'),
      capability('docker-remote-api.1.18'),
      ofEcs('task-eni'),
    ],
  ],
])('%s: the required attributes', (_, given, expected) => {
  expect(requiredAttributesOf(given).toSorted()).toEqual(expected.toSorted())
})
