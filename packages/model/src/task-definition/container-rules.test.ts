import { expect, test } from 'vitest'
import { container, definition, onFargate, withContainer } from './fixtures/definitions.ts'
import { problemOf } from './index.ts'
import type { ContainerLike, DefinitionLike } from './types.ts'

const linux = (linuxParameters: ContainerLike['linuxParameters']) => withContainer({ linuxParameters })
const envFile = (value: string) => ({ value, type: 's3' })
const router = { firelensConfiguration: { type: 'fluentbit' } }
const sender = { logConfiguration: { logDriver: 'awsfirelens' } }
const proxy = (properties: string[]) =>
  definition({
    networkMode: 'awsvpc',
    proxyConfiguration: { containerName: 'app', properties: properties.map(name => ({ name, value: '1' })) },
  })
const awslogs = (options: Record<string, string> = {}) => ({
  logConfiguration: {
    logDriver: 'awslogs',
    options: { 'awslogs-group': 'g', 'awslogs-region': 'r', ...options },
  },
})

type Refusal = [what: string, given: DefinitionLike, message: string]

const ofContainers: Refusal[] = [
  [
    'a mode that no log driver has',
    withContainer({ logConfiguration: { logDriver: 'syslog', options: { mode: 'maybe' } } }),
    "must be 'blocking' or 'non-blocking'",
  ],
  ['an image with a space', withContainer({ image: 'a b' }), 'Container.image contains invalid characters.'],
  [
    'a relative working directory',
    withContainer({ workingDirectory: 'srv' }),
    "'workingDirectory' must be an absolute path, but was 'srv'.",
  ],
  [
    'a reservation below 6 MiB',
    withContainer({ memory: undefined, memoryReservation: 5 }),
    "'memoryReservation' must be at least 6",
  ],
  ['negative cpu', withContainer({ cpu: -1 }), "'cpu' must be between 0 and"],
  [
    'a variable without a name',
    withContainer({ environment: [{ value: 'a' }] }),
    'The name of an environment variable',
  ],
  [
    'a variable with an equals sign in its name',
    withContainer({ environment: [{ name: 'A=B' }] }),
    "can hold neither '='",
  ],
  [
    'more than ten environment files',
    withContainer({ environmentFiles: Array.from({ length: 11 }, () => envFile('arn:aws:s3:::b/a.env')) }),
    'The maximum number of environment files was exceeded. Specify ten or less and try again',
  ],
  [
    'an environment file that is no ARN',
    withContainer({ environmentFiles: [envFile('a.env')] }),
    'Invalid arn syntax',
  ],
  [
    'an environment file that does not end with .env',
    withContainer({ environmentFiles: [envFile('arn:aws:s3:::b/a.txt')] }),
    'ends with .env',
  ],
  ['an empty health check', withContainer({ healthCheck: { command: [] } }), 'should not be empty'],
  [
    'a health check that takes too long',
    withContainer({ healthCheck: { command: ['CMD', 'a'], timeout: 61 } }),
    'The health check timeout must be between 2 and 60.',
  ],
  [
    'a health check that begins too late',
    withContainer({ healthCheck: { command: ['CMD', 'a'], startPeriod: 301 } }),
    'The health check startPeriod must be between 0 and 300.',
  ],
  [
    'more than fifty ignored exit codes',
    withContainer({
      restartPolicy: { enabled: true, ignoredExitCodes: Array.from({ length: 51 }, (_, code) => code) },
    }),
    "'ignoredExitCodes' can hold fifty elements only",
  ],
  ['a startTimeout of a second', withContainer({ startTimeout: 1 }), "'startTimeout' must be at least 2."],
  [
    'a ulimit that is given twice',
    withContainer({
      ulimits: [
        { name: 'core', softLimit: 0, hardLimit: 0 },
        { name: 'core', softLimit: 1, hardLimit: 1 },
      ],
    }),
    "The ulimit 'core' is given more than once.",
  ],
  [
    'a system control without a value',
    withContainer({ systemControls: [{ namespace: 'net.a' }] }),
    "'systemControls' need a namespace and a value.",
  ],
  [
    'an extra host that is no host',
    withContainer({ extraHosts: [{ hostname: 'a b', ipAddress: '1.1.1.1' }] }),
    'is not a valid extra host',
  ],
  ['a hostname with a space', withContainer({ hostname: 'a b' }), "'a b' is not a valid hostname."],
  [
    'a GPU that is no number',
    withContainer({ resourceRequirements: [{ type: 'GPU', value: 'all' }] }),
    'must be a number',
  ],
  [
    'an inference accelerator',
    withContainer({ resourceRequirements: [{ type: 'InferenceAccelerator', value: 'a' }] }),
    "Unsupported field 'inferenceAccelerators'",
  ],
  [
    'two credential specs',
    withContainer({ credentialSpecs: ['a', 'b'] }),
    "'credentialSpecs' can hold one element only.",
  ],
  [
    'registry credentials without the role that reads them',
    withContainer({ repositoryCredentials: {} }),
    "When you are specifying repositoryCredentials, you must also specify a value for 'executionRoleArn'",
  ],
  [
    'a log option mode that does not exist',
    withContainer(awslogs({ mode: 'maybe' })),
    "must be 'blocking' or 'non-blocking'",
  ],
]

const ofLinux: Refusal[] = [
  [
    'a capability that does not exist',
    linux({ capabilities: { add: ['FLY'] } }),
    "'FLY' is not a valid Linux capability.",
  ],
  [
    "a capability with the kernel's prefix",
    linux({ capabilities: { drop: ['CAP_CHOWN'] } }),
    "'CAP_CHOWN' is not a valid Linux capability.",
  ],
  ['a device without a path', linux({ devices: [{ hostPath: 'dev/fuse' }] }), "A device needs a 'hostPath'"],
  ['a tmpfs without a size', linux({ tmpfs: [{ containerPath: '/t', size: undefined }] }), "needs a 'size'"],
  [
    'a tmpfs without a path',
    linux({ tmpfs: [{ containerPath: undefined, size: 1 }] }),
    "needs a 'containerPath'",
  ],
  [
    'a tmpfs option that does not exist',
    linux({ tmpfs: [{ containerPath: '/t', size: 1, mountOptions: ['fast'] }] }),
    "'fast' is not a valid tmpfs mount option.",
  ],
  ['negative shared memory', linux({ sharedMemorySize: -1 }), "'sharedMemorySize' must not be negative."],
  ['negative swap', linux({ maxSwap: -1 }), "'maxSwap' must not be negative."],
]

test.each([...ofContainers, ...ofLinux])('%s is refused', (_, given, message) => {
  expect(problemOf(given)).toContain(message)
})

test.each<[string, DefinitionLike]>([
  ['a stopTimeout of an hour outside of Fargate', withContainer({ stopTimeout: 3600 })],
  ['SYS_PTRACE on Fargate', onFargate({ linuxParameters: { capabilities: { add: ['SYS_PTRACE'] } } })],
  ['empty lists of what Fargate has not', onFargate({ linuxParameters: { devices: [], tmpfs: [] } })],
  ['pidMode task on Fargate', onFargate({}, { pidMode: 'task' })],
  ['200 GiB on Fargate', onFargate({}, { ephemeralStorage: { sizeInGiB: 200 } })],
  [
    'a tmpfs option with a value',
    linux({ tmpfs: [{ containerPath: '/t', size: 1, mountOptions: ['mode=1777'] }] }),
  ],
  ['a whole proxy', proxy(['ProxyIngressPort', 'ProxyEgressPort', 'AppPorts', 'EgressIgnoredIPs'])],
  [
    'FireLens with a sender',
    definition({ containerDefinitions: [container(router), container({ name: 'b', ...sender })] }),
  ],
])('%s may be registered', (_, given) => {
  expect(problemOf(given)).toBeUndefined()
})
