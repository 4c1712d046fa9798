import type { CreateServiceRequest, RunTaskRequest } from '@aws-sdk/client-ecs'
import { beforeEach, expect, test } from 'vitest'
import { refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { ready, register } = taskCalls(berth)

beforeEach(async () => {
  await ready()
})

const strategy = [{ capacityProvider: 'FARGATE', weight: 1, base: 1 }]

/** What the refusal must name, and what is refused. */
const ofServices: readonly [string, Partial<CreateServiceRequest>][] = [
  [
    'loadBalancerName',
    { loadBalancers: [{ loadBalancerName: 'old', containerName: 'web', containerPort: 80 }] },
  ],
  ['serviceRegistries', { serviceRegistries: [{ registryArn: 'arn' }] }],
  [
    'vpcLatticeConfigurations',
    { vpcLatticeConfigurations: [{ roleArn: 'a', targetGroupArn: 'b', portName: 'c' }] },
  ],
  ['serviceConnectConfiguration', { serviceConnectConfiguration: { enabled: true } }],
  ['monitoring', { monitoring: { metricConfigurations: [] } }],
  ['Capacity provider strategies', { capacityProviderStrategy: strategy }],
]

test.each(ofServices)('a service is refused %s, by name', async (name, change) => {
  const request = { taskDefinition: 'web', desiredCount: 0 }
  const created = await refusal(berth.ecs.createService({ serviceName: 'x', ...request, ...change }))
  expect(created).toEqual(['UnsupportedFeatureException', expect.stringContaining(name)])
  await berth.ecs.createService({ serviceName: 'web', ...request })
  const updated = await refusal(berth.ecs.updateService({ service: 'web', ...change }))
  expect(updated).toEqual(['UnsupportedFeatureException', expect.stringContaining(name)])
})

const gpu = (requirement: object) => ({
  overrides: {
    containerOverrides: [
      { name: 'web', resourceRequirements: [{ type: 'GPU', value: '1', ...requirement }] },
    ],
  },
})

const ofTasks: readonly [string, Partial<RunTaskRequest>][] = [
  ['MANAGED_INSTANCES', { launchType: 'MANAGED_INSTANCES' }],
  ['Capacity provider strategies', { capacityProviderStrategy: strategy }],
  ['sharingStrategy', gpu({ sharingStrategy: { nvidiaMps: { memory: 1 } } }) as Partial<RunTaskRequest>],
  [
    'Elastic Inference',
    { overrides: { inferenceAcceleratorOverrides: [{ deviceName: 'a', deviceType: 'b' }] } },
  ],
]

test.each(ofTasks)('a task is refused %s, by name', async (name, change) => {
  expect(await refusal(berth.ecs.runTask({ taskDefinition: 'web', ...change }))).toEqual([
    'UnsupportedFeatureException',
    expect.stringContaining(name),
  ])
})

test('the settings of the network mode awsvpc are refused to others as in ECS', async () => {
  const networkConfiguration = {
    awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: [], assignPublicIp: 'DISABLED' as const },
  }
  const run = (taskDefinition: string) => refusal(berth.ecs.runTask({ taskDefinition, networkConfiguration }))
  expect(await run('web')).toEqual([
    'InvalidParameterException',
    'Network Configuration is not valid for the given networkMode of this task definition.',
  ])
})

test('containers that would share a GPU are refused by name, to tasks and to services', async () => {
  const resourceRequirements = [
    {
      type: 'GPU' as const,
      value: '1',
      sharingStrategy: { nvidiaMps: { memory: 1024, maxComputePercent: 50 } },
    },
  ]
  const containerDefinitions = [{ name: 'web', image: 'web:1', memory: 64, resourceRequirements }]
  const taskDefinition = 'shared'
  await register({ family: taskDefinition, containerDefinitions })
  for (const asked of [
    berth.ecs.runTask({ taskDefinition }),
    berth.ecs.createService({ serviceName: 'shared', taskDefinition, desiredCount: 1 }),
  ])
    expect(await refusal(asked)).toEqual([
      'UnsupportedFeatureException',
      expect.stringContaining('sharingStrategy'),
    ])
})

test('members of Fargate are refused to other launch types as in ECS', async () => {
  const run = (change: object) => refusal(berth.ecs.runTask({ taskDefinition: 'web', ...change }))
  expect(await run({ platformVersion: 'LATEST' })).toEqual([
    'InvalidParameterException',
    'The platform version must be null when specifying an EC2 launch type.',
  ])
  expect(await run({ overrides: { ephemeralStorage: { sizeInGiB: 30 } } })).toEqual([
    'InvalidParameterException',
    'Ephemeral storage can only be overridden for tasks that run on Fargate.',
  ])
})

test('tasks that need secrets or files of the control plane are placed nowhere, with what is missing', async () => {
  const secrets = [{ name: 'A', valueFrom: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:a' }]
  const containerDefinitions = [{ name: 'web', image: 'web:1', memory: 64, secrets }]
  const executionRoleArn = 'arn:aws:iam::111122223333:role/execution'
  await register({ family: 'secret', containerDefinitions, executionRoleArn })
  const image = '111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1'
  await register({ family: 'ecr', containerDefinitions: [{ name: 'web', image, memory: 64 }] })
  const detail = async (taskDefinition: string) =>
    (await berth.ecs.runTask({ taskDefinition })).failures?.[0]?.detail
  expect(await detail('secret')).toBe('Missing attributes: ecs.capability.secrets.asm.environment-variables.')
  expect(await detail('ecr')).toBe('Missing attributes: com.amazonaws.ecs.capability.ecr-auth.')
  await berth.ecs.createService({ serviceName: 'web', taskDefinition: 'ecr', desiredCount: 1 })
  berth.settle()
  const { services } = await berth.ecs.describeServices({ services: ['web'] })
  expect(services?.[0]?.events?.[0]?.message).toContain(
    'is missing an attribute required by your task (com.amazonaws.ecs.capability.ecr-auth).',
  )
})
