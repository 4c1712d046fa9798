/** The task definitions of a run. */
import type { RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs'

export const STATIC_PORT = 8080

const container = (image: string, change: object = {}) => ({
  name: 'main',
  image,
  cpu: 256,
  memory: 256,
  essential: true,
  stopTimeout: 5,
  ...change,
})

const family = (name: string, ...containerDefinitions: object[]): RegisterTaskDefinitionRequest => ({
  family: name,
  networkMode: 'bridge',
  containerDefinitions: containerDefinitions as NonNullable<
    RegisterTaskDefinitionRequest['containerDefinitions']
  >,
})

const healthCheck = { command: ['CMD-SHELL', 'true'] }

/** Those that go on until they are stopped, and so can be a service's. */
export const servingFamilies: readonly RegisterTaskDefinitionRequest[] = [
  {
    ...family('web', container('serve', { portMappings: [{ containerPort: 80, hostPort: 0 }] })),
    taskRoleArn: 'arn:aws:iam::123456789012:role/web',
  },
  family('edge', container('serve', { portMappings: [{ containerPort: 80, hostPort: STATIC_PORT }] })),
  family('stubborn', container('stubborn')),
  family('fragile', container('fragile')),
  family('broken', container('broken')),
  family(
    'pair',
    container('serve'),
    container('batch-5', { name: 'side', essential: false, cpu: 64, memory: 64 }),
  ),
  family('checked', container('checked', { healthCheck })),
  family('sickly', container('sickly', { healthCheck })),
]

/** Its tasks never start, also in the end: for services that give such a deployment up. */
export const hopelessFamily = family('hopeless', container('hopeless'))

/** What a DAEMON service runs on every instance. */
export const daemonFamilies: readonly RegisterTaskDefinitionRequest[] = [
  family('watcher', container('serve', { cpu: 64, memory: 64 })),
  family('collector', container('stubborn', { cpu: 64, memory: 64 })),
]

/** Small, too: for services of which two revisions stand side by side. */
export const brittleFamily = family('brittle', container('broken', { cpu: 64, memory: 64 }))

/** Its tasks have network interfaces. */
export const networkedFamily: RegisterTaskDefinitionRequest = {
  ...family('networked', container('stubborn', { cpu: 64, memory: 64 })),
  networkMode: 'awsvpc',
}

/** Its tasks have an EBS volume each. */
export const statefulFamily: RegisterTaskDefinitionRequest = {
  ...family(
    'stateful',
    container('serve', {
      cpu: 64,
      memory: 64,
      mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }],
    }),
  ),
  volumes: [{ name: 'data', configuredAtLaunch: true }],
}

/** Where the tasks of load balancers listen, in their containers. */
export const FRONT_PORT = 8000

const front = (image: string) =>
  container(image, { cpu: 64, memory: 64, portMappings: [{ containerPort: FRONT_PORT }] })

/** For services with load balancers. */
export const frontFamilies: readonly RegisterTaskDefinitionRequest[] = [
  family('front', front('front')),
  family('slow-front', front('stubborn-front')),
]

export const brittleFrontFamily = family('brittle-front', front('broken-front'))

export const networkedFrontFamily: RegisterTaskDefinitionRequest = {
  ...family('networked-front', front('front')),
  networkMode: 'awsvpc',
}

export const endingFamilies: readonly RegisterTaskDefinitionRequest[] = [
  family('batch', container('batch-0')),
  family('crash', container('crash-3')),
  family('large', container('serve', { cpu: 900, memory: 700 })),
]
