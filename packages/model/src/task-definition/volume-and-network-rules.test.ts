import { expect, test } from 'vitest'
import { container, definition, port, withContainer, withContainers } from './fixtures/definitions.ts'
import { problemOf } from './index.ts'
import type { ContainerLike, DefinitionLike, VolumeLike } from './types.ts'

const volume = (change: VolumeLike, rest: ContainerLike = {}) =>
  withContainer(rest, { volumes: [{ name: 'v', ...change }] })
const efs = (change: object) => volume({ efsVolumeConfiguration: { fileSystemId: 'fs-1', ...change } })
const mounted = (...sourceVolumes: string[]): ContainerLike => ({
  mountPoints: sourceVolumes.map(sourceVolume => ({ sourceVolume, containerPath: `/${sourceVolume}` })),
})
const router = { firelensConfiguration: { type: 'fluentbit' } }
const sender = { logConfiguration: { logDriver: 'awsfirelens' } }
const proxy = (properties: string[]) =>
  definition({
    networkMode: 'awsvpc',
    proxyConfiguration: { containerName: 'app', properties: properties.map(name => ({ name, value: '1' })) },
  })
type Refusal = [what: string, given: DefinitionLike, message: string]

const ofVolumes: Refusal[] = [
  [
    'a mount at a relative path',
    volume({}, { mountPoints: [{ sourceVolume: 'v', containerPath: 'data' }] }),
    "The containerPath 'data' is no absolute path.",
  ],
  ['a volume without a name', definition({ volumes: [{}] }), 'Volume.name should not be null or empty.'],
  ['a relative sourcePath', volume({ host: { sourcePath: 'data' } }), 'must be an absolute path'],
  [
    'autoprovision of a volume of the task',
    volume({ dockerVolumeConfiguration: { autoprovision: true } }),
    "'autoprovision' is only valid with the scope 'shared'",
  ],
  [
    'two volumes configured at launch',
    withContainer(mounted('a', 'b'), {
      volumes: [
        { name: 'a', configuredAtLaunch: true },
        { name: 'b', configuredAtLaunch: true },
      ],
    }),
    'Only one volume of a task definition can be configured at launch.',
  ],
  [
    'a volume configured at launch with a host path',
    volume({ configuredAtLaunch: true, host: { sourcePath: '/a' } }, mounted('v')),
    "Volume 'v' has more than one configuration.",
  ],
  [
    'a volume configured at launch that nobody mounts',
    volume({ configuredAtLaunch: true }),
    'Volumes [v] are not referenced by any of the containers',
  ],
  [
    'two mounts at one path',
    volume(
      {},
      {
        mountPoints: [
          { sourceVolume: 'v', containerPath: '/v' },
          { sourceVolume: 'v', containerPath: '/v' },
        ],
      },
    ),
    'Two mount points have the same containerPath.',
  ],
  [
    'volumes from itself',
    withContainer({ volumesFrom: [{ sourceContainer: 'app' }] }),
    "Invalid 'volumesFrom' setting. Container 'app' names itself.",
  ],
  [
    'EFS without a file system',
    volume({ efsVolumeConfiguration: { fileSystemId: undefined } }),
    'needs a fileSystemId',
  ],
  [
    'IAM for EFS in plain text',
    efs({ authorizationConfig: { iam: 'ENABLED' } }),
    'EFS IAM authorization requires TransitEncryption to be enabled',
  ],
  [
    'an EFS access point in plain text',
    efs({ authorizationConfig: { accessPointId: 'fsap-1' } }),
    'EFS access points require TransitEncryption to be enabled',
  ],
  [
    'an encryption port without encryption',
    efs({ transitEncryptionPort: 2999 }),
    'TransitEncryptionPort requires that TransitEncryption is enabled',
  ],
  [
    'an EFS access point with a directory',
    efs({
      transitEncryption: 'ENABLED',
      rootDirectory: '/a',
      authorizationConfig: { accessPointId: 'fsap-1' },
    }),
    'the root directory must either be set to "/" or be omitted',
  ],
]

const ofNetworks: Refusal[] = [
  [
    'a range with a port',
    withContainer({ portMappings: [{ containerPortRange: '80-81', hostPort: 80 }] }),
    'cannot specify both single port and port range',
  ],
  [
    'a range in host mode',
    withContainer({ portMappings: [{ containerPortRange: '80-81' }] }, { networkMode: 'host' }),
    'it needs networkMode=bridge or awsvpc.',
  ],
  [
    'a range over another of the same container',
    withContainer({ portMappings: [{ containerPortRange: '80-90' }, { containerPortRange: '90-99' }] }),
    'container port is used multiple times in task: 90',
  ],
  [
    'a port within a range of the same container',
    withContainer({ portMappings: [{ containerPort: 85 }, { containerPortRange: '80-90' }] }),
    'container port is used multiple times in task: 80',
  ],
  [
    'a port name that is used twice',
    withContainers(
      { name: 'a', portMappings: [{ containerPort: 1, name: 'http' }] },
      { name: 'b', portMappings: [{ containerPort: 2, name: 'http' }] },
    ),
    "port mapping name is already used: 'http'",
  ],
  [
    'a host port of another number with awsvpc',
    withContainer(port(80, 81), { networkMode: 'awsvpc' }),
    'When networkMode=awsvpc, the host ports and container ports in port mappings must match.',
  ],
  [
    'extra hosts with awsvpc',
    withContainer({ extraHosts: [{ hostname: 'a', ipAddress: '1.1.1.1' }] }, { networkMode: 'awsvpc' }),
    'Extra hosts are not supported on container when networkMode=awsvpc',
  ],
  [
    'a hostname with awsvpc',
    withContainer({ hostname: 'a' }, { networkMode: 'awsvpc' }),
    'hostname is not supported on container when networkMode=awsvpc',
  ],
  [
    'disableNetworking with awsvpc',
    withContainer({ disableNetworking: true }, { networkMode: 'awsvpc' }),
    'Disable Networking is not supported on container when networkMode=awsvpc',
  ],
  [
    'a dependency on a link that depends on it',
    withContainers(
      { name: 'a', links: ['b'] },
      { name: 'b', dependsOn: [{ containerName: 'a', condition: 'START' }] },
    ),
    'There is a cycle in the container dependencies: a -> b -> a.',
  ],
  [
    'a health to wait for that is never checked',
    withContainers(
      { name: 'a', dependsOn: [{ containerName: 'b', condition: 'HEALTHY' }] },
      { name: 'b', healthCheck: { command: ['NONE'] } },
    ),
    'must have health check configured',
  ],
  [
    'a proxy without awsvpc',
    definition({ proxyConfiguration: { containerName: 'app' } }),
    'APPMESH proxy configuration is only supported in networkMode=awsvpc',
  ],
  [
    'a proxy without an ingress port',
    proxy(['ProxyEgressPort', 'AppPorts', 'EgressIgnoredIPs']),
    'Ingress port not found',
  ],
  [
    'two FireLens routers',
    withContainers({ name: 'a', ...router }, { name: 'b', ...router }, { name: 'c', ...sender }),
    'Only one container can have a firelensConfiguration object.',
  ],
  [
    'awsfirelens without a router',
    withContainer(sender),
    'a firelens configuration object must be specified',
  ],
  [
    'a router that sends to itself',
    withContainer({ ...router, ...sender }),
    'cannot use the awsfirelens log driver itself',
  ],
]

test.each([...ofVolumes, ...ofNetworks])('%s is refused', (_, given, message) => {
  expect(problemOf(given)).toContain(message)
})

test.each<[string, DefinitionLike]>([
  ['a volume configured at launch', volume({ configuredAtLaunch: true }, mounted('v'))],
  [
    'an encrypted EFS access point',
    efs({ transitEncryption: 'ENABLED', authorizationConfig: { accessPointId: 'fsap-1', iam: 'ENABLED' } }),
  ],
  ['a whole proxy', proxy(['ProxyIngressPort', 'ProxyEgressPort', 'AppPorts', 'EgressIgnoredIPs'])],
  [
    'FireLens with a sender',
    definition({ containerDefinitions: [container(router), container({ name: 'b', ...sender })] }),
  ],
])('%s may be registered', (_, given) => {
  expect(problemOf(given)).toBeUndefined()
})
