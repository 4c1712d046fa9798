/** What a container instance must offer to run a definition: the names that agents register their capabilities under. */
import { isEcrImage } from './launch-type-rules.ts'
import type { ContainerLike, DefinitionLike, VolumeLike } from './types.ts'

const com = (name: string): string => `com.amazonaws.ecs.capability.${name}`
const ecs = (name: string): string => `ecs.capability.${name}`

/** Attribute names, each once, in the order of containers. */
export const requiredAttributesOf = (definition: DefinitionLike): string[] => {
  const names = (definition.containerDefinitions ?? []).flatMap(container => [
    ...containerCapabilities(container, definition),
  ])
  return [...new Set([...names, ...taskCapabilities(definition)])]
}

function* taskCapabilities(definition: DefinitionLike): Iterable<string> {
  if (definition.taskRoleArn)
    yield com(definition.networkMode === 'host' ? 'task-iam-role-network-host' : 'task-iam-role')
  if (definition.networkMode === 'awsvpc') yield ecs('task-eni')
  if (definition.networkMode !== undefined) yield com('docker-remote-api.1.18')
  if (definition.pidMode !== undefined || definition.ipcMode !== undefined)
    yield ecs('pid-ipc-namespace-sharing')
  if (definition.enableFaultInjection) yield ecs('fault-injection')
  if (definition.proxyConfiguration) yield ecs('aws-appmesh')
  if (definition.ephemeralStorage) yield ecs('extensible-ephemeral-storage')
  for (const volume of definition.volumes ?? []) {
    yield* efsCapabilities(volume)
    if (volume.configuredAtLaunch) yield ecs('storage.ebs-task-volume-attach')
    const driver = volume.dockerVolumeConfiguration && (volume.dockerVolumeConfiguration.driver ?? 'local')
    if (driver) yield ecs(`docker-plugin.${driver}`)
  }
}

/** As DescribeTaskDefinition shows them for definitions with EFS volumes. */
function* efsCapabilities({ efsVolumeConfiguration: efs }: VolumeLike): Iterable<string> {
  if (!efs) return
  yield* [ecs('efs'), com('docker-remote-api.1.25')]
  if (efs.transitEncryption === 'ENABLED') yield ecs('efsAuth')
}

function* containerCapabilities(container: ContainerLike, definition: DefinitionLike): Iterable<string> {
  yield* dockerCapabilities(container)
  const { image = '', logConfiguration, secrets = [] } = container
  const driver = logConfiguration?.logDriver
  if (driver) yield com(`logging-driver.${driver}`)
  if (driver === 'awslogs' && definition.executionRoleArn) yield ecs('execution-role-awslogs')
  if (isEcrImage(image)) yield com('ecr-auth')
  if (isEcrImage(image) && definition.executionRoleArn) yield ecs('execution-role-ecr-pull')
  if (container.repositoryCredentials) yield ecs('private-registry-authentication.secretsmanager')
  for (const { valueFrom = '' } of secrets)
    yield ecs(`secrets.${valueFrom.includes(':secretsmanager:') ? 'asm' : 'ssm'}.environment-variables`)
  for (const { valueFrom = '' } of logConfiguration?.secretOptions ?? [])
    yield ecs(`secrets.${valueFrom.includes(':secretsmanager:') ? 'asm' : 'ssm'}.bootstrap.log-driver`)
  if (container.environmentFiles?.length) yield ecs('env-files.s3')
  if (container.healthCheck) yield ecs('container-health-check')
  if (container.dependsOn?.length) yield ecs('container-ordering')
  if (container.restartPolicy?.enabled) yield ecs('container-restart-policy')
  yield* routerCapabilities(container)
}

function* routerCapabilities({ firelensConfiguration: router }: ContainerLike): Iterable<string> {
  if (!router) return
  yield ecs(`firelens.${router.type}`)
  const file = router.options?.['config-file-type']
  if (file) yield ecs(`firelens.options.config.${file}`)
}

/** The Docker remote API that a setting came with. */
function* dockerCapabilities(container: ContainerLike): Iterable<string> {
  if (container.privileged) yield com('privileged-container')
  yield* securityCapabilities(container)
  if (container.logConfiguration) yield com(versionOfLogDriver(container.logConfiguration.logDriver))
  if (container.readonlyRootFilesystem || container.dnsServers?.length || container.hostname)
    yield com('docker-remote-api.1.17')
  if (container.ulimits?.length || container.dockerLabels) yield com('docker-remote-api.1.18')
  if (container.memoryReservation !== undefined) yield com('docker-remote-api.1.21')
  if (container.healthCheck) yield* [com('docker-remote-api.1.24'), com('docker-remote-api.1.29')]
}

/** As agents register them: ECS_SELINUX_CAPABLE, ECS_APPARMOR_CAPABLE, ECS_GMSA_SUPPORTED. */
function* securityCapabilities({ dockerSecurityOptions, credentialSpecs }: ContainerLike): Iterable<string> {
  for (const option of [...(dockerSecurityOptions ?? []), ...(credentialSpecs ?? [])]) {
    if (/^label[:=]/.test(option)) yield com('selinux')
    if (/^apparmor[:=]/.test(option)) yield com('apparmor')
    if (/^credentialspec[:=]/.test(option)) yield ecs('gmsa')
    if (/^credentialspecdomainless[:=]/.test(option)) yield ecs('gmsa-domainless')
  }
}

const versionOfLogDriver = (driver: string | undefined): string =>
  driver === 'awslogs' || driver === 'fluentd' || driver === 'awsfirelens'
    ? 'docker-remote-api.1.19'
    : driver === 'splunk'
      ? 'docker-remote-api.1.22'
      : 'docker-remote-api.1.18'
