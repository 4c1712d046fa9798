import { expect, test } from 'vitest'
import { definition, onFargate } from './fixtures/definitions.ts'
import { problemOf } from './index.ts'
import type { DefinitionLike } from './types.ts'

const role = 'arn:aws:iam::111122223333:role/r'
const awslogs = (options: Record<string, string> = {}) => ({
  logConfiguration: {
    logDriver: 'awslogs',
    options: { 'awslogs-group': 'g', 'awslogs-region': 'r', ...options },
  },
})

type Refusal = [what: string, given: DefinitionLike, message: string]

const onFargateOnly: Refusal[] = [
  ['host networking', onFargate({}, { networkMode: 'host' }), 'Fargate only supports network mode ‘awsvpc’.'],
  ['links', onFargate({ links: ['db'] }), 'Links are not supported when networkMode=awsvpc.'],
  [
    'a stopTimeout above two minutes',
    onFargate({ stopTimeout: 121 }),
    "'stopTimeout' must be between 2 and 120 on Fargate.",
  ],
  [
    'a startTimeout above two minutes',
    onFargate({ startTimeout: 121 }),
    "'startTimeout' must be between 2 and 120 on Fargate.",
  ],
  [
    'a GPU',
    onFargate({ resourceRequirements: [{ type: 'GPU', value: '1' }] }),
    'Tasks using the Fargate launch type do not support GPU resource requirements',
  ],
  [
    'security options',
    onFargate({ dockerSecurityOptions: ['a'] }),
    'Fargate compatible task definitions do not support dockerSecurityOptions',
  ],
  [
    'a capability besides SYS_PTRACE',
    onFargate({ linuxParameters: { capabilities: { add: ['NET_ADMIN'] } } }),
    'NET_ADMIN is not allowed on Fargate.',
  ],
  [
    'devices',
    onFargate({ linuxParameters: { devices: [{ hostPath: '/dev/a' }] } }),
    'Fargate compatible task definitions do not support devices',
  ],
  [
    'shared memory',
    onFargate({ linuxParameters: { sharedMemorySize: 1 } }),
    'Fargate compatible task definitions do not support sharedMemorySize',
  ],
  [
    'tmpfs',
    onFargate({ linuxParameters: { tmpfs: [{ containerPath: '/t', size: 1 }] } }),
    'Fargate compatible task definitions do not support tmpfs',
  ],
  [
    'maxSwap',
    onFargate({ linuxParameters: { maxSwap: 1 } }),
    'Fargate compatible task definitions do not support maxSwap',
  ],
  [
    'swappiness',
    onFargate({ linuxParameters: { swappiness: 1 } }),
    'Fargate compatible task definitions do not support swappiness',
  ],
  [
    'placement constraints',
    onFargate({}, { placementConstraints: [{ type: 'memberOf', expression: 'attribute:a == b' }] }),
    'Fargate compatible task definitions do not support constraints',
  ],
  [
    'ipcMode',
    onFargate({}, { ipcMode: 'task' }),
    'Tasks using the Fargate launch type do not support ipcMode.',
  ],
  [
    "the host's processes",
    onFargate({}, { pidMode: 'host' }),
    "Tasks using the Fargate launch type do not support pidMode 'host'. The supported value for pidMode is 'task'.",
  ],
  [
    'a host path',
    onFargate({}, { volumes: [{ name: 'v', host: { sourcePath: '/a' } }] }),
    'Fargate compatible task definitions do not support sourcePath',
  ],
  [
    'a Docker volume',
    onFargate({}, { volumes: [{ name: 'v', dockerVolumeConfiguration: {} }] }),
    'Fargate compatible task definitions do not support dockerVolumeConfiguration',
  ],
  [
    'awslogs without the role that writes them',
    onFargate(awslogs({ 'awslogs-stream-prefix': 'p' })),
    'Fargate requires task definition to have execution role ARN to support log driver awslogs.',
  ],
  [
    'awslogs without a prefix',
    onFargate(awslogs(), { executionRoleArn: role }),
    'Fargate requires log configuration options to include awslogs-stream-prefix',
  ],
  [
    'another log driver',
    onFargate({ logConfiguration: { logDriver: 'syslog' } }),
    'syslog is not a valid log driver. Must be one of [awslogs, splunk, awsfirelens]',
  ],
  [
    'a quarter of a CPU on Windows',
    onFargate({}, { runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } }),
    'No Fargate configuration exists for given values.',
  ],
  [
    'more than 200 GiB',
    onFargate({}, { ephemeralStorage: { sizeInGiB: 201 } }),
    'EphemeralStorage size should be at most 200',
  ],
  [
    'no memory',
    onFargate({}, { memory: undefined }),
    "Fargate requires that 'memory' be defined at the task level.",
  ],
]

test.each([...onFargateOnly])('%s is refused on Fargate', (_, given, message) => {
  expect(problemOf(given)).toContain(message)
})

test('storage of its own is refused elsewhere than on Fargate', () => {
  expect(problemOf(definition({ ephemeralStorage: { sizeInGiB: 21 } }))).toBe(
    'ephemeralStorage is only supported on Fargate.',
  )
})

test.each<[string, DefinitionLike]>([])('%s may be registered', (_, given) => {
  expect(problemOf(given)).toBeUndefined()
})
