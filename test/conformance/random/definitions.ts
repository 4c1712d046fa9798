/** Task definitions that are mostly right and often a little wrong, so that both sides of each rule are met. */
import type {
  ContainerDefinition,
  ContainerOverride,
  RegisterTaskDefinitionRequest,
  TaskOverride,
  Volume,
} from '@aws-sdk/client-ecs'
import fc from 'fast-check'

const rarely = <Value>(wrong: fc.Arbitrary<Value>, right: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 1, arbitrary: wrong }, { weight: 12, arbitrary: right })

/** Each member is absent more often than not. */
const some = <Shape extends object>(
  shape: {
    [Name in keyof Shape]: fc.Arbitrary<Shape[Name]>
  },
): fc.Arbitrary<Partial<Shape>> =>
  fc
    .tuple(
      fc.record(shape) as fc.Arbitrary<Shape>,
      fc.uniqueArray(fc.constantFrom(...Object.keys(shape)), { maxLength: 4 }),
    )
    .map(
      ([whole, names]) =>
        Object.fromEntries(names.map(name => [name, whole[name as keyof Shape]])) as Partial<Shape>,
    )

const oddText = fc.constantFrom(
  '',
  ' ',
  'a b',
  '\0',
  '../x',
  'ö',
  'x'.repeat(300),
  '=',
  ':',
  '[object Object]',
)
const names = ['app', 'db', 'log'] as const
const name = rarely(oddText, fc.constantFrom<string>(...names))
const oddNumber = fc.constantFrom(-1, 0, 1, 5, 6, 3601, 70_000, 2 ** 31 - 1)
const path = rarely(oddText, fc.constantFrom('/data', '/tmp', '/var/log', 'relative'))
const text = rarely(oddText, fc.constantFrom('a', 'value', 'sleep 1'))
const flag = fc.boolean()
const few = <Item>(item: fc.Arbitrary<Item>): fc.Arbitrary<Item[]> => fc.array(item, { maxLength: 3 })

const variable = fc.record({ name: rarely(oddText, fc.constantFrom('A', 'B')), value: text })
const environmentFile = fc.record({
  value: fc.constantFrom('arn:aws:s3:::bucket/a.env', 'arn:aws:s3:::bucket/a.txt', 'a.env'),
  type: fc.constant('s3' as const),
})
const resource = fc.record({
  type: rarely(fc.constant('InferenceAccelerator' as const), fc.constant('GPU' as const)),
  value: rarely(oddText, fc.constantFrom('1', '2')),
})
const portMapping = fc.oneof(
  fc.record({
    containerPort: rarely(oddNumber, fc.constantFrom(80, 8080)),
    hostPort: rarely(oddNumber, fc.constantFrom(0, 80, 8080)),
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  }),
  fc.record({ containerPortRange: fc.constantFrom('1000-1002', '9-8', '1-70000', 'x', '1-500') }),
)
const logConfiguration = fc.oneof(
  fc.record({
    logDriver: fc.constantFrom('json-file' as const, 'syslog' as const, 'none' as 'json-file'),
    options: fc.dictionary(fc.constantFrom('tag', 'mode'), text),
  }),
  fc.record({
    logDriver: fc.constantFrom('awslogs' as const, 'awsfirelens' as const),
    options: fc.constantFrom(
      { 'awslogs-group': 'g', 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'p' },
      {},
    ),
  }),
)
const linuxParameters = some({
  capabilities: fc.record({
    add: few(fc.constantFrom('SYS_PTRACE', 'FLY')),
    drop: few(fc.constantFrom('ALL', 'CHOWN')),
  }),
  devices: few(fc.record({ hostPath: path, containerPath: path })),
  initProcessEnabled: flag,
  sharedMemorySize: rarely(oddNumber, fc.constant(64)),
  tmpfs: few(fc.record({ containerPath: path, size: rarely(oddNumber, fc.constant(16)) })),
  maxSwap: rarely(oddNumber, fc.constant(64)),
  swappiness: rarely(oddNumber, fc.constant(60)),
})

const container: fc.Arbitrary<ContainerDefinition> = fc
  .tuple(
    fc.record({
      name,
      image: rarely(fc.constant(''), fc.constantFrom('busybox', 'registry.local:5000/a/b:1')),
      memory: rarely(oddNumber, fc.constantFrom(64, 128)),
    }),
    some<ContainerDefinition>({
      cpu: rarely(oddNumber, fc.constant(64)),
      memoryReservation: rarely(oddNumber, fc.constant(32)),
      links: few(fc.constantFrom('db', 'db:database', 'log', 'nobody', ':')),
      portMappings: few(portMapping),
      essential: flag,
      restartPolicy: fc.record({ enabled: flag, restartAttemptPeriod: rarely(oddNumber, fc.constant(60)) }),
      entryPoint: few(text),
      command: few(text),
      environment: few(variable),
      environmentFiles: few(environmentFile),
      mountPoints: few(fc.record({ sourceVolume: name, containerPath: path, readOnly: flag })),
      volumesFrom: few(fc.record({ sourceContainer: name, readOnly: flag })),
      linuxParameters,
      secrets: few(fc.record({ name: fc.constantFrom('A', 'S'), valueFrom: text })),
      dependsOn: few(
        fc.record({
          containerName: name,
          condition: fc.constantFrom('START', 'COMPLETE', 'SUCCESS', 'HEALTHY'),
        }),
      ),
      startTimeout: rarely(oddNumber, fc.constant(30)),
      stopTimeout: rarely(oddNumber, fc.constant(30)),
      hostname: text,
      user: text,
      workingDirectory: path,
      disableNetworking: flag,
      privileged: flag,
      readonlyRootFilesystem: flag,
      dnsServers: few(fc.constantFrom('10.0.0.1', 'no address')),
      dnsSearchDomains: few(text),
      extraHosts: few(fc.record({ hostname: text, ipAddress: fc.constantFrom('10.0.0.1', 'x') })),
      dockerSecurityOptions: few(fc.constantFrom('no-new-privileges', 'label:type:a')),
      interactive: flag,
      pseudoTerminal: flag,
      dockerLabels: fc.dictionary(text, text, { maxKeys: 2 }),
      ulimits: few(
        fc.record({ name: fc.constantFrom('nofile', 'core'), softLimit: oddNumber, hardLimit: oddNumber }),
      ),
      logConfiguration,
      healthCheck: fc.record({
        command: few(fc.constantFrom('CMD', 'CMD-SHELL', 'true', 'NONE', '')),
        interval: rarely(oddNumber, fc.constant(10)),
      }),
      systemControls: few(
        fc.record({ namespace: fc.constantFrom('net.core.somaxconn', 'kernel.x'), value: text }),
      ),
      resourceRequirements: few(resource),
      firelensConfiguration: fc.record({ type: fc.constantFrom('fluentbit', 'fluentd') }),
    }),
  )
  .map(([least, rest]) => ({ ...least, ...rest }))

const volume: fc.Arbitrary<Volume> = fc
  .tuple(
    name,
    some<Volume>({
      host: fc.record({ sourcePath: path }),
      dockerVolumeConfiguration: fc.record({
        scope: fc.constantFrom('task', 'shared'),
        autoprovision: flag,
        driver: fc.constant('local'),
      }),
      efsVolumeConfiguration: fc.record({ fileSystemId: fc.constant('fs-1'), rootDirectory: path }),
      configuredAtLaunch: flag,
    }),
  )
  .map(([of, rest]) => ({ name: of, ...rest }))

const size = (odd: readonly string[], right: readonly string[]): fc.Arbitrary<string> =>
  rarely(fc.constantFrom(...odd), fc.constantFrom(...right))

export const definitions: fc.Arbitrary<RegisterTaskDefinitionRequest> = fc
  .tuple(
    rarely(oddText, fc.constant('web')),
    fc.uniqueArray(container, { maxLength: 3, minLength: 1, selector: ({ name: of }) => of }),
    few(volume),
    some<Omit<RegisterTaskDefinitionRequest, 'family' | 'containerDefinitions'>>({
      taskRoleArn: rarely(oddText, fc.constant('arn:aws:iam::111122223333:role/r')),
      executionRoleArn: fc.constant('arn:aws:iam::111122223333:role/r'),
      networkMode: fc.constantFrom('bridge', 'host', 'none', 'awsvpc'),
      requiresCompatibilities: few(fc.constantFrom('EC2', 'FARGATE', 'EXTERNAL')),
      cpu: size(['', 'one', '1e3', '-1', '0'], ['256', '1 vCPU', '.5 vcpu']),
      memory: size(['', '1 TB', '0', '-5'], ['512', '1 GB', '2048']),
      pidMode: fc.constantFrom('host', 'task'),
      ipcMode: fc.constantFrom('host', 'task', 'none'),
      placementConstraints: few(
        fc.record({
          type: fc.constant('memberOf'),
          expression: rarely(oddText, fc.constant('attribute:a == b')),
        }),
      ),
      runtimePlatform: fc.record({ cpuArchitecture: fc.constantFrom('X86_64', 'ARM64') }),
      ephemeralStorage: fc.record({ sizeInGiB: oddNumber }),
    }),
  )
  .map(([family, containerDefinitions, volumes, rest]) => ({
    family,
    containerDefinitions,
    volumes,
    ...rest,
  }))

const containerOverride: fc.Arbitrary<ContainerOverride> = fc
  .tuple(
    name,
    some<ContainerOverride>({
      command: few(text),
      environment: few(variable),
      environmentFiles: few(environmentFile),
      cpu: oddNumber,
      memory: rarely(oddNumber, fc.constant(64)),
      memoryReservation: rarely(oddNumber, fc.constant(32)),
      resourceRequirements: few(resource),
    }),
  )
  .map(([of, rest]) => ({ name: of, ...rest }))

export const overrides: fc.Arbitrary<TaskOverride> = some<TaskOverride>({
  containerOverrides: few(containerOverride),
  cpu: size(['', 'one', '0'], ['256', '2 vCPU']),
  memory: size(['', '1 TB', '0'], ['512', '2 GB']),
  taskRoleArn: rarely(oddText, fc.constant('arn:aws:iam::111122223333:role/r')),
  executionRoleArn: fc.constant('arn:aws:iam::111122223333:role/r'),
  ephemeralStorage: fc.record({ sizeInGiB: fc.constant(30) }),
})
