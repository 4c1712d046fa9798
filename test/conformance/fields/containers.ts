/** The fields of containerDefinitions[] that have no file of their own. */
import { type FieldRows, honoured, kept, refused, under } from './row.ts'

const settings = 'test/e2e/container-settings.test.ts'
const gpus = 'test/e2e/gpus.test.ts'
const firelens = 'test/e2e/firelens.test.ts'
const absent = 'test/conformance/not-in-this-release.test.ts'
const drivers = 'test/e2e/log-drivers.test.ts'
const cases = 'test/e2e/container-cases.ts'
const agentEngine = 'test/e2e/agent-engine.test.ts'
const containers = 'test/e2e/containers.test.ts'
const life = 'test/e2e/task-life.test.ts'
const secrets = 'test/e2e/secrets.test.ts'
const seen = 'environment, user, directory, entry point, labels and a read-only root'

const starting: FieldRows = {
  name: honoured(
    'The engine’s name of the container is made of it, and the label com.amazonaws.ecs.container-name says it.',
    settings,
    seen,
  ),
  image: honoured(
    'A registry is asked as BERTH_IMAGE_PULL_BEHAVIOR says, with the keys of the host: docs/images.md.',
    'test/e2e/images.test.ts',
    'are pulled with the host',
  ),
  essential: honoured(
    'Its end ends the task; default true.',
    containers,
    'run on when a container ends that is not essential',
  ),
  entryPoint: honoured('Replaces the image’s.', settings, seen),
  command: honoured('Replaces the image’s.', settings, seen),
  'environment[].name': honoured(
    'Variables of the process, besides AWS_REGION and AWS_DEFAULT_REGION.',
    settings,
    seen,
  ),
  'environment[].value': honoured('As given, with spaces and all.', settings, seen),
  'environmentFiles[].value': honoured(
    'Read from the place that the host has for the bucket (docs/secrets.md), at each start of a task; a host without places takes no such task.',
    secrets,
    'has the variables of its files',
  ),
  'environmentFiles[].type': honoured('s3.', secrets, 'has the variables of its files'),
  'secrets[].name': honoured('A variable of the process.', secrets, 'sees a secret, a JSON key'),
  'secrets[].valueFrom': honoured(
    'A secret’s ARN, with or without a JSON key, a stage and a version; a parameter’s name or ARN. Read with the execution role at each start of a task.',
    secrets,
    'sees a secret, a JSON key',
  ),
  'repositoryCredentials.credentialsParameter': honoured(
    'A secret of Secrets Manager, by ARN or name, with username and password; read with the execution role.',
    'test/e2e/images.test.ts',
    'are pulled with the key of the task',
  ),
  versionConsistency: honoured(
    'Tasks of a deployment run the digest that its first task established, unless it is disabled. Default enabled.',
    'test/e2e/images.test.ts',
    'are one for all tasks of a deployment',
  ),
  user: honoured(
    'As the engine takes it: a name or number, with or without a group.',
    cases,
    'user: by number',
  ),
  workingDirectory: honoured('Replaces the image’s.', cases, 'workingDirectory: where'),
  interactive: honoured('Its standard input stays open.', cases, 'interactive: standard'),
  pseudoTerminal: honoured('Its output is a terminal.', cases, 'pseudoTerminal: output'),
  dockerLabels: honoured(
    'Labels of the container; Amazon’s own win over labels of the same name.',
    settings,
    seen,
  ),
}

const lifetime: FieldRows = {
  'restartPolicy.enabled': honoured(
    'The agent starts the ended container again, also one that ended while the agent was away; the control plane hears of it only when host ports change.',
    agentEngine,
    'runs a container again that ended while no agent ran',
  ),
  'restartPolicy.ignoredExitCodes': honoured(
    'A container that ends with one of them is not restarted.',
    containers,
    'stay ended with an exit code',
  ),
  'restartPolicy.restartAttemptPeriod': honoured(
    'A container that ran for less is not restarted; default 300 s.',
    agentEngine,
    'runs a container again that ended while no agent ran',
  ),
  'dependsOn[].containerName': honoured(
    'Also the order in which they stop, reversed.',
    containers,
    'start after the START of another',
  ),
  'dependsOn[].condition': honoured(
    'START, COMPLETE, SUCCESS and HEALTHY.',
    containers,
    'start after another is HEALTHY',
  ),
  startTimeout: honoured(
    'For how long a container waits for what it depends on.',
    containers,
    'takes longer than its startTimeout',
  ),
  stopTimeout: honoured(
    'From the stop signal, which is the image’s own, to SIGKILL; default 30 s.',
    life,
    'kills with exit code 137',
  ),
  'healthCheck.command': honoured(
    'Run by the engine; without one the container has no health, whatever its image says.',
    containers,
    'show the health of each',
  ),
  'healthCheck.interval': honoured('Default 30 s.', cases, 'healthCheck: ECS'),
  'healthCheck.timeout': honoured('Default 5 s.', cases, 'healthCheck: ECS'),
  'healthCheck.retries': honoured('Default 3.', cases, 'healthCheck: ECS'),
  'healthCheck.startPeriod': honoured('Default 0 s.', cases, 'healthCheck: all that'),
}

const resources: FieldRows = {
  cpu: honoured(
    'Shares, at least 2, against other containers; placement reserves them.',
    settings,
    'limits: cpu shares, hard and soft memory',
  ),
  memory: honoured(
    'A hard limit: who needs more is killed, and the reason is OutOfMemoryError.',
    settings,
    'limits: cpu shares, hard and soft memory',
  ),
  memoryReservation: honoured(
    'A soft limit, and what placement reserves.',
    settings,
    'limits: cpu shares, hard and soft memory',
  ),
  'resourceRequirements[].type': honoured(
    'GPU. InferenceAccelerator is refused by RegisterTaskDefinition.',
    gpus,
    'are registered, and given to the engine',
  ),
  'resourceRequirements[].value': honoured(
    'So many GPUs of the host are reserved, and given to the engine and in NVIDIA_VISIBLE_DEVICES by their names.',
    gpus,
    'are registered, and given to the engine',
  ),
  'resourceRequirements[].sharingStrategy.nvidiaMps.memory': refused(
    'UnsupportedFeatureException, by RunTask, StartTask and CreateService.',
    absent,
    'containers that would share a GPU',
  ),
  'resourceRequirements[].sharingStrategy.nvidiaMps.maxComputePercent': refused(
    'As memory.',
    absent,
    'containers that would share a GPU',
  ),
  'ulimits[].name': honoured(
    'A limit of the process; what the engine does not know fails the task.',
    cases,
    'ulimits: soft',
  ),
  'ulimits[].softLimit': honoured('The limit that the process has.', cases, 'ulimits: soft'),
  'ulimits[].hardLimit': honoured('The limit that it may raise it to; -1 is none.', cases, 'ulimits: soft'),
}

const network: FieldRows = {
  ...under('portMappings[]', {
    containerPort: honoured(
      'Published in bridge mode; in host mode it is the host’s port.',
      settings,
      'bridge: a port that Docker chose',
    ),
    hostPort: honoured('0 or absent in bridge mode: the engine chooses.', settings, 'bridge: a static port'),
    protocol: honoured('tcp, the default, and udp.', settings, 'bridge: a static port'),
    containerPortRange: honoured(
      'In bridge mode as many host ports in a row, which the agent finds; shown as hostPortRange.',
      settings,
      'bridge: a range of container ports',
    ),
    name: kept('For Service Connect, which is refused.'),
    appProtocol: kept('For Service Connect, which is refused.'),
  }),
  links: honoured(
    'Bridge mode: the other container’s name, or the alias, is in /etc/hosts.',
    containers,
    'reach one another over links',
  ),
  hostname: honoured('Except in host mode, where a container has the host’s name.', cases, 'hostname: what'),
  'extraHosts[].hostname': honoured('A line of /etc/hosts.', cases, 'extraHosts: lines'),
  'extraHosts[].ipAddress': honoured('A line of /etc/hosts.', cases, 'extraHosts: lines'),
  dnsServers: honoured('Lines of /etc/resolv.conf.', cases, 'dnsServers and'),
  dnsSearchDomains: honoured('A line of /etc/resolv.conf.', cases, 'dnsServers and'),
  disableNetworking: honoured(
    'No network but the loopback, and no published port.',
    cases,
    'disableNetworking: nothing',
  ),
}

const files: FieldRows = {
  'mountPoints[].sourceVolume': honoured(
    'A volume of the definition.',
    containers,
    'share files through volumes',
  ),
  'mountPoints[].containerPath': honoured(
    'Where the process sees it.',
    containers,
    'share files through volumes',
  ),
  'mountPoints[].readOnly': honoured('Writing fails.', containers, 'share files through volumes'),
  'volumesFrom[].sourceContainer': honoured(
    'All that the other container mounts.',
    containers,
    'share files through volumes',
  ),
  'volumesFrom[].readOnly': honoured(
    'Writing fails.',
    containers,
    'share the volumes of another, to read only',
  ),
  readonlyRootFilesystem: honoured(
    'Writing outside of volumes fails.',
    cases,
    'readonlyRootFilesystem: nothing',
  ),
}

const logging: FieldRows = {
  'logConfiguration.logDriver': honoured(
    'awslogs is shipped by the agent, awsfirelens goes to the log router; json-file, syslog, journald, gelf, fluentd and splunk are the engine’s, and hosts whose engine lacks one are not given the task.',
    drivers,
    'sends what the container prints',
  ),
  'logConfiguration.options': honoured(
    'Passed on as they are; what the engine does not know fails the task.',
    drivers,
    'with an option that the engine does not know',
  ),
  'logConfiguration.secretOptions[].name': honoured(
    'An option of the engine’s log driver. With awslogs, which the agent ships itself, the task stops and says so.',
    secrets,
    'options of a log driver get their secrets',
  ),
  'logConfiguration.secretOptions[].valueFrom': honoured(
    'As in secrets.',
    secrets,
    'options of a log driver get their secrets',
  ),
  'firelensConfiguration.type': honoured(
    'fluentbit and fluentd: the container starts first, with a generated configuration; those with the log driver awsfirelens log to its socket. Their secretOptions are variables of the router.',
    firelens,
    'of Fluent Bit starts first',
  ),
  'firelensConfiguration.options': honoured(
    'enable-ecs-log-metadata, and config-file-type `file`, or `s3` where the operator names a place for buckets.',
    firelens,
    'of fluentd has its configuration',
  ),
}

const security: FieldRows = {
  privileged: honoured(
    'All capabilities, and the host’s devices.',
    'test/e2e/container-fields.test.ts',
    'privileged: as far as',
  ),
  dockerSecurityOptions: honoured(
    'no-new-privileges, label, apparmor and seccomp. label and apparmor need a host whose engine has SELinux or AppArmor.',
    cases,
    'dockerSecurityOptions: no-new-privileges',
  ),
  'systemControls[].namespace': honoured(
    'A kernel parameter of the container’s own namespaces; others the engine refuses.',
    cases,
    'systemControls: parameters',
  ),
  'systemControls[].value': honoured('As namespace.', cases, 'systemControls: parameters'),
  credentialSpecs: refused(
    'Placed nowhere: no host has the attribute ecs.capability.gmsa or ecs.capability.gmsa-domainless.',
    'packages/model/src/task-definition/required-attributes.test.ts',
    'Active Directory',
  ),
  ...under('linuxParameters', {
    'capabilities.add': honoured(
      'Kernel capabilities; unknown ones are refused by RegisterTaskDefinition.',
      cases,
      'capabilities: one added lets',
    ),
    'capabilities.drop': honoured(
      'Kernel capabilities, dropped before others are added.',
      cases,
      'capabilities: all dropped but',
    ),
    'devices[].hostPath': honoured('The device appears in the container.', cases, 'devices: the permissions'),
    'devices[].containerPath': honoured('Default: as on the host.', cases, 'devices: all permissions'),
    'devices[].permissions': honoured('Default: read, write and mknod.', cases, 'devices: the permissions'),
    initProcessEnabled: honoured('The engine’s init is process 1.', cases, 'initProcessEnabled: an init'),
    sharedMemorySize: honoured('MiB at /dev/shm; default 64.', cases, 'sharedMemorySize: so many'),
    'tmpfs[].containerPath': honoured('A file system in memory.', cases, 'tmpfs: size'),
    'tmpfs[].size': honoured('MiB.', cases, 'tmpfs: size'),
    'tmpfs[].mountOptions': honoured(
      'Passed on; what the engine does not know fails the task.',
      cases,
      'tmpfs: size',
    ),
    maxSwap: honoured(
      'MiB of swap on top of `memory`, without which the engine refuses it; 0 is none.',
      cases,
      'maxSwap: 0',
    ),
    swappiness: honoured(
      'With maxSwap only; a host with cgroup v2 has no such setting.',
      cases,
      'maxSwap and swappiness',
    ),
  }),
}

export const containerFields: FieldRows = under('containerDefinitions[]', {
  ...starting,
  ...lifetime,
  ...resources,
  ...network,
  ...files,
  ...logging,
  ...security,
})
