import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { PayloadContainer, PayloadContainerDefinition, PayloadPortMapping } from '@berth/model'
import { variablesOf } from '../services/ecs/overridden-definition.ts'

/** What both kinds of agent read. `container` is merged already. */
export const sharedMembers = (
  container: ContainerDefinition,
  networkMode: string,
): Omit<PayloadContainer, 'containerArn'> => ({
  name: container.name ?? '',
  image: container.image ?? '',
  essential: container.essential ?? true,
  cpu: container.cpu ?? 0,
  memory: container.memory ?? 0,
  environment: variablesOf(container.environment),
  portMappings: (container.portMappings ?? []).map(mapping => portMapping(mapping, networkMode)),
  ...present('entryPoint', container.entryPoint),
  ...present('links', container.links),
  ...present(
    'volumesFrom',
    container.volumesFrom?.map(from => ({
      sourceContainer: from.sourceContainer ?? '',
      readOnly: from.readOnly ?? false,
    })),
  ),
  ...present(
    'mountPoints',
    container.mountPoints?.map(mount => ({
      sourceVolume: mount.sourceVolume ?? '',
      containerPath: mount.containerPath ?? '',
      readOnly: mount.readOnly ?? false,
    })),
  ),
  ...present('dependsOn', dependencies(container)),
  ...present('startTimeout', container.startTimeout),
  ...present('stopTimeout', container.stopTimeout),
  ...present('restartPolicy', restartPolicy(container)),
  ...(container.privileged && { privileged: true }),
})

/** In host mode a container's port is the host's; in bridge mode 0 lets the host choose. */
const portMapping = (
  mapping: NonNullable<ContainerDefinition['portMappings']>[number],
  networkMode: string,
): PayloadPortMapping => {
  const protocol = mapping.protocol ?? 'tcp'
  if (mapping.containerPortRange !== undefined)
    return { containerPortRange: mapping.containerPortRange, protocol }
  const containerPort = mapping.containerPort ?? 0
  const hostPort = networkMode === 'bridge' ? (mapping.hostPort ?? 0) : (mapping.hostPort ?? containerPort)
  return { containerPort, hostPort, protocol }
}

const dependencies = (container: ContainerDefinition): PayloadContainer['dependsOn'] =>
  container.dependsOn?.map(({ containerName, condition }) => ({
    containerName: containerName ?? '',
    condition: condition ?? 'START',
  }))

const restartPolicy = ({ restartPolicy: policy }: ContainerDefinition): PayloadContainer['restartPolicy'] =>
  policy && {
    enabled: policy.enabled ?? false,
    ...present('ignoredExitCodes', policy.ignoredExitCodes),
    ...present('restartAttemptPeriod', policy.restartAttemptPeriod),
  }

/** ECS's defaults of a container health check, in seconds. (AWS: API reference, HealthCheck) */
export const completeHealthCheck = (
  check: NonNullable<ContainerDefinition['healthCheck']>,
): NonNullable<PayloadContainerDefinition['healthCheck']> => ({
  command: check.command ?? [],
  interval: check.interval ?? 30,
  timeout: check.timeout ?? 5,
  retries: check.retries ?? 3,
  startPeriod: check.startPeriod ?? 0,
})

/** Berth's own flavour: the definition in ECS's words. */
export const berthContainer = (
  container: ContainerDefinition,
  networkMode: string,
): Omit<PayloadContainer, 'containerArn'> => ({
  ...sharedMembers(container, networkMode),
  ...present('command', container.command),
  definition: {
    ...ownMembers(container),
    ...present('dockerLabels', container.dockerLabels),
    ...present('logConfiguration', logConfiguration(container)),
    ...present('healthCheck', container.healthCheck && completeHealthCheck(container.healthCheck)),
  },
})

/** As ECS shows them, and as the agent wants them. */
const ownMemberNames = [
  'memoryReservation',
  'user',
  'workingDirectory',
  'hostname',
  'privileged',
  'readonlyRootFilesystem',
  'interactive',
  'pseudoTerminal',
  'linuxParameters',
  'ulimits',
  'systemControls',
  'extraHosts',
  'dnsServers',
  'dnsSearchDomains',
  'dockerSecurityOptions',
  'disableNetworking',
  'secrets',
  'environmentFiles',
  'repositoryCredentials',
  'firelensConfiguration',
  'resourceRequirements',
  'credentialSpecs',
] as const satisfies readonly (keyof ContainerDefinition & keyof PayloadContainerDefinition)[]

/** The rules of RegisterTaskDefinition have checked that what they hold is complete. */
const ownMembers = (container: ContainerDefinition): PayloadContainerDefinition =>
  Object.fromEntries(
    ownMemberNames.filter(name => container[name] !== undefined).map(name => [name, container[name]]),
  ) as PayloadContainerDefinition

const logConfiguration = ({
  logConfiguration: logs,
}: ContainerDefinition): PayloadContainerDefinition['logConfiguration'] =>
  logs && {
    logDriver: logs.logDriver ?? 'json-file',
    options: logs.options ?? {},
    ...present(
      'secretOptions',
      logs.secretOptions?.map(({ name = '', valueFrom = '' }) => ({ name, valueFrom })),
    ),
  }

/** `{ name: value }`, or nothing for an absent value: absent members are left out of frames. */
export const present = <N extends string, V>(name: N, value: V | undefined): { [K in N]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { [K in N]?: V })
