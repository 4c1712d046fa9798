import type { RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs'

const role = 'arn:aws:iam::111122223333:role/tasks'
/** What a task definition needs at least. */
export const least = { family: 'web', containerDefinitions: [{ name: 'web', image: 'web:1', memory: 64 }] }

const wholeContainer = {
  name: 'app',
  image: '111122223333.dkr.ecr.us-east-1.amazonaws.com/app:1',
  repositoryCredentials: {
    credentialsParameter: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:pull',
  },
  cpu: 128,
  memory: 256,
  memoryReservation: 128,
  links: ['db:database'],
  portMappings: [
    { containerPort: 80, hostPort: 8080, protocol: 'tcp', name: 'http', appProtocol: 'http2' },
    { containerPortRange: '9000-9010', protocol: 'udp' },
  ],
  essential: true,
  restartPolicy: { enabled: true, ignoredExitCodes: [0], restartAttemptPeriod: 60 },
  entryPoint: ['sh'],
  command: ['-c', 'sleep 1'],
  environment: [{ name: 'A', value: '1' }],
  environmentFiles: [{ value: 'arn:aws:s3:::bucket/a.env', type: 's3' }],
  mountPoints: [
    { sourceVolume: 'data', containerPath: '/data', readOnly: true },
    { sourceVolume: 'ebs', containerPath: '/ebs' },
  ],
  volumesFrom: [{ sourceContainer: 'db', readOnly: true }],
  linuxParameters: {
    capabilities: { add: ['SYS_PTRACE'], drop: ['CHOWN'] },
    devices: [{ hostPath: '/dev/a', containerPath: '/dev/b', permissions: ['read'] }],
    initProcessEnabled: true,
    sharedMemorySize: 64,
    tmpfs: [{ containerPath: '/tmp', size: 64, mountOptions: ['ro'] }],
    maxSwap: 128,
    swappiness: 60,
  },
  secrets: [{ name: 'TOKEN', valueFrom: 'arn:aws:ssm:us-east-1:111122223333:parameter/token' }],
  dependsOn: [{ containerName: 'db', condition: 'HEALTHY' }],
  startTimeout: 30,
  stopTimeout: 20,
  versionConsistency: 'disabled',
  hostname: 'app',
  user: '1000',
  workingDirectory: '/srv',
  disableNetworking: false,
  privileged: true,
  readonlyRootFilesystem: true,
  dnsServers: ['10.0.0.2'],
  dnsSearchDomains: ['internal'],
  extraHosts: [{ hostname: 'db', ipAddress: '10.0.0.3' }],
  dockerSecurityOptions: ['label:type:svirt'],
  interactive: true,
  pseudoTerminal: true,
  dockerLabels: { team: 'ships' },
  ulimits: [{ name: 'nofile', softLimit: 1024, hardLimit: 2048 }],
  logConfiguration: {
    logDriver: 'awslogs',
    options: { 'awslogs-group': 'app', 'awslogs-region': 'us-east-1' },
    secretOptions: [{ name: 'key', valueFrom: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:log' }],
  },
  healthCheck: {
    command: ['CMD-SHELL', 'true'],
    interval: 10,
    timeout: 3,
    retries: 2,
    startPeriod: 5,
  },
  systemControls: [{ namespace: 'net.core.somaxconn', value: '1024' }],
  resourceRequirements: [
    {
      type: 'GPU',
      value: '1',
      sharingStrategy: { nvidiaMps: { memory: 1024, maxComputePercent: 50 } },
    },
  ],
  credentialSpecs: ['credentialspec:arn:aws:s3:::bucket/spec'],
} satisfies NonNullable<RegisterTaskDefinitionRequest['containerDefinitions']>[number]

/** Every member that EC2 instances can have. */
export const whole = {
  family: 'web',
  taskRoleArn: role,
  executionRoleArn: role,
  networkMode: 'bridge',
  containerDefinitions: [
    wholeContainer,
    {
      name: 'db',
      image: 'db',
      healthCheck: { command: ['CMD', 'ready'] },
      logConfiguration: { logDriver: 'awsfirelens' },
    },
    { name: 'log', image: 'log', firelensConfiguration: { type: 'fluentbit', options: { a: 'b' } } },
  ],
  volumes: [
    { name: 'data' },
    { name: 'host', host: { sourcePath: '/srv' } },
    {
      name: 'docker',
      dockerVolumeConfiguration: {
        scope: 'shared',
        autoprovision: true,
        driver: 'local',
        driverOpts: { type: 'tmpfs' },
        labels: { a: 'b' },
      },
    },
    {
      name: 'efs',
      efsVolumeConfiguration: {
        fileSystemId: 'fs-1',
        rootDirectory: '/',
        transitEncryption: 'ENABLED',
        transitEncryptionPort: 2999,
        authorizationConfig: { accessPointId: 'fsap-1', iam: 'ENABLED' },
      },
    },
    {
      name: 'fsx',
      fsxWindowsFileServerVolumeConfiguration: {
        fileSystemId: 'fs-2',
        rootDirectory: 'share',
        authorizationConfig: { credentialsParameter: 'arn:aws:ssm:::parameter/a', domain: 'd' },
      },
    },
    {
      name: 's3',
      s3filesVolumeConfiguration: {
        fileSystemArn: 'arn:aws:s3files:us-east-1:111122223333:file-system/fs-3',
        rootDirectory: '/',
        transitEncryptionPort: 2999,
        accessPointArn: 'arn:aws:s3files:us-east-1:111122223333:access-point/ap-1',
      },
    },
    { name: 'ebs', configuredAtLaunch: true },
  ],
  placementConstraints: [{ type: 'memberOf', expression: 'attribute:ecs.os-type == linux' }],
  requiresCompatibilities: ['EC2'],
  cpu: '1 vCPU',
  memory: '2 GB',
  pidMode: 'task',
  ipcMode: 'none',
  runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
  enableFaultInjection: false,
  tags: [{ key: 'team', value: 'ships' }],
} satisfies RegisterTaskDefinitionRequest

/** What only awsvpc and Fargate can have. */
export const onFargate = {
  family: 'mesh',
  requiresCompatibilities: ['FARGATE'],
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  ephemeralStorage: { sizeInGiB: 21 },
  containerDefinitions: [{ name: 'envoy', image: 'envoy', portMappings: [{ containerPort: 80 }] }],
  proxyConfiguration: {
    type: 'APPMESH',
    containerName: 'envoy',
    properties: [
      { name: 'ProxyIngressPort', value: '15000' },
      { name: 'ProxyEgressPort', value: '15001' },
      { name: 'AppPorts', value: '80' },
      { name: 'EgressIgnoredIPs', value: '169.254.170.2' },
    ],
  },
} satisfies RegisterTaskDefinitionRequest
