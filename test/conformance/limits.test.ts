import { beforeEach, describe, expect, it, test } from 'vitest'
import { refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { ready, run } = taskCalls(berth)

const id = '0'.repeat(32)
let instance = ''

beforeEach(async () => {
  instance = await ready()
})

const call = (operation: string, input: object): Promise<object> =>
  (berth.ecs as unknown as Record<string, (input: object) => Promise<object>>)[operation]!(input)
const long = (length: number) => 'x'.repeat(length)
const many = <T>(count: number, item: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => item(index))

/** The operation, what it takes at most, and what is too much. (AWS: the ECS API reference) */
const limits: readonly [string, string, object, object][] = [
  ['createCluster', 'clusterName', { clusterName: long(255) }, { clusterName: long(256) }],
  [
    'createCluster',
    'serviceConnectDefaults',
    { serviceConnectDefaults: { namespace: long(1024) }, clusterName: 'a' },
    { serviceConnectDefaults: { namespace: long(1025) }, clusterName: 'b' },
  ],
  [
    'createCluster',
    'defaultCapacityProviderStrategy',
    {
      clusterName: 'a',
      capacityProviders: ['FARGATE'],
      defaultCapacityProviderStrategy: many(20, () => ({ capacityProvider: 'FARGATE', weight: 1000 })),
    },
    {
      clusterName: 'b',
      capacityProviders: ['FARGATE'],
      defaultCapacityProviderStrategy: many(21, () => ({ capacityProvider: 'FARGATE', weight: 1 })),
    },
  ],
  [
    'describeClusters',
    'clusters',
    { clusters: many(100, n => `c${n}`) },
    { clusters: many(101, n => `c${n}`) },
  ],
  [
    'describeServices',
    'services',
    { services: many(10, n => `s${n}`) },
    { services: many(11, n => `s${n}`) },
  ],
  ['describeTasks', 'tasks', { tasks: many(100, () => id) }, { tasks: many(101, () => id) }],
  [
    'describeContainerInstances',
    'containerInstances',
    { containerInstances: many(100, () => id) },
    { containerInstances: many(101, () => id) },
  ],
  [
    'updateContainerInstancesState',
    'containerInstances',
    { status: 'ACTIVE', containerInstances: many(10, () => id) },
    { status: 'ACTIVE', containerInstances: many(11, () => id) },
  ],
  [
    'startTask',
    'containerInstances',
    { taskDefinition: 'web', containerInstances: many(10, () => id) },
    { taskDefinition: 'web', containerInstances: many(11, () => id) },
  ],
  [
    'startTask',
    'startedBy',
    { taskDefinition: 'web', containerInstances: [id], startedBy: long(36) },
    { taskDefinition: 'web', containerInstances: [id], startedBy: long(37) },
  ],
  ['runTask', 'count', { taskDefinition: 'web', count: 10 }, { taskDefinition: 'web', count: 11 }],
  [
    'runTask',
    'startedBy',
    { taskDefinition: 'web', startedBy: long(128) },
    { taskDefinition: 'web', startedBy: long(129) },
  ],
  [
    'runTask',
    'group',
    { taskDefinition: 'web', group: long(255) },
    { taskDefinition: 'web', group: long(256) },
  ],
  [
    'runTask',
    'referenceId',
    { taskDefinition: 'web', referenceId: long(1024) },
    { taskDefinition: 'web', referenceId: long(1025) },
  ],
  [
    'runTask',
    'clientToken',
    { taskDefinition: 'web', clientToken: long(64) },
    { taskDefinition: 'web', clientToken: long(65) },
  ],
  [
    'runTask',
    'overrides',
    { taskDefinition: 'web', overrides: { containerOverrides: [{ name: 'web', command: [long(8000)] }] } },
    { taskDefinition: 'web', overrides: { containerOverrides: [{ name: 'web', command: [long(8192)] }] } },
  ],
  [
    'runTask',
    'placementConstraints',
    {
      taskDefinition: 'web',
      placementConstraints: many(10, () => ({ type: 'memberOf', expression: 'agentConnected == true' })),
    },
    {
      taskDefinition: 'web',
      placementConstraints: many(11, () => ({ type: 'memberOf', expression: 'agentConnected == true' })),
    },
  ],
  [
    'runTask',
    'placementStrategy',
    { taskDefinition: 'web', placementStrategy: many(5, () => ({ type: 'binpack', field: 'cpu' })) },
    { taskDefinition: 'web', placementStrategy: many(6, () => ({ type: 'binpack', field: 'cpu' })) },
  ],
  [
    'createService',
    'serviceName',
    { serviceName: long(255), taskDefinition: 'web', desiredCount: 0 },
    { serviceName: long(256), taskDefinition: 'web', desiredCount: 0 },
  ],
  [
    'createService',
    'clientToken',
    { serviceName: 'a', taskDefinition: 'web', desiredCount: 0, clientToken: long(36) },
    { serviceName: 'b', taskDefinition: 'web', desiredCount: 0, clientToken: long(37) },
  ],
  [
    'createService',
    'minimumHealthyPercent',
    {
      serviceName: 'a',
      taskDefinition: 'web',
      desiredCount: 0,
      deploymentConfiguration: { minimumHealthyPercent: 100 },
    },
    {
      serviceName: 'b',
      taskDefinition: 'web',
      desiredCount: 0,
      deploymentConfiguration: { minimumHealthyPercent: 101 },
    },
  ],
  [
    'registerTaskDefinition',
    'family',
    { family: long(255), containerDefinitions: [{ name: 'web', image: 'i', memory: 64 }] },
    { family: long(256), containerDefinitions: [{ name: 'web', image: 'i', memory: 64 }] },
  ],
  [
    'deleteTaskDefinitions',
    'taskDefinitions',
    { taskDefinitions: many(10, n => `a:${n + 1}`) },
    { taskDefinitions: many(11, n => `a:${n + 1}`) },
  ],
]

test.each(limits)('%s takes %s up to its limit, and no more', async (operation, _, most, more) => {
  await expect(call(operation, most)).resolves.toBeDefined()
  const [name] = await refusal(call(operation, more))
  expect(['InvalidParameterException', 'ClientException']).toContain(name)
})

const tag = (n: number) => ({ key: `k${n}`, value: '' })
const thing = '\u{1F6A2}'

describe('tags', () => {
  const kinds: readonly [string, (tags: object[]) => Promise<object>][] = [
    ['a cluster', tags => call('createCluster', { clusterName: 'a', tags })],
    [
      'a service',
      tags => call('createService', { serviceName: 'a', taskDefinition: 'web', desiredCount: 0, tags }),
    ],
    ['a task that is run', tags => call('runTask', { taskDefinition: 'web', tags })],
    [
      'a task that is started',
      tags => call('startTask', { taskDefinition: 'web', containerInstances: [instance], tags }),
    ],
    [
      'a task definition',
      tags =>
        call('registerTaskDefinition', {
          family: 'a',
          containerDefinitions: [{ name: 'a', image: 'a', memory: 64 }],
          tags,
        }),
    ],
    [
      'a container instance',
      tags =>
        call('registerContainerInstance', {
          totalResources: ['CPU', 'MEMORY'].map(name => ({ name, type: 'INTEGER', integerValue: 1 })),
          tags,
        }),
    ],
  ]

  it.each(kinds)('of %s are 50 at most, each key once, none of them reserved', async (_, make) => {
    await expect(make(many(50, tag))).resolves.toBeDefined()
    const wrong = [
      many(51, tag),
      [tag(1), tag(1)],
      [{ key: 'aws:x', value: '' }],
      [{ key: 'AWS:x', value: '' }],
      [{ key: '', value: '' }],
      [{ key: long(129), value: '' }],
      [{ key: 'a', value: long(257) }],
      [{ key: 'a#', value: '' }],
      [{ key: 'a', value: thing }],
    ]
    for (const tags of wrong) expect((await refusal(make(tags)))[0]).toBe('InvalidParameterException')
  })

  it('count their lengths in characters', async () => {
    const letter = '\u{20000}'
    const tags = [{ key: letter.repeat(128), value: letter.repeat(256) }]
    await expect(call('createCluster', { clusterName: 'a', tags })).resolves.toBeDefined()
  })
})

test('StopTask takes a reason of 1024 characters', async () => {
  const task = (await run()).taskArn!
  const [, message] = await refusal(berth.ecs.stopTask({ task, reason: long(1025) }))
  expect(message).toBe('reason can have at most 1024 characters.')
  expect((await berth.ecs.stopTask({ task, reason: long(1024) })).task?.stoppedReason).toBe(long(1024))
})
