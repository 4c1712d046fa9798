import { beforeEach, describe, expect, it, test } from 'vitest'
import { registerInstance } from './given.ts'
import { arn, refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { ready, run } = taskCalls(berth)

const missingId = '0'.repeat(32)
let task = ''
let instance = ''

beforeEach(async () => {
  instance = await ready()
  task = (await run()).taskArn!
  await berth.ecs.createService({ serviceName: 'web', taskDefinition: 'web', desiredCount: 0 })
})

/** Every operation that takes a cluster, with what else it needs to get as far as the cluster. */
const inCluster: readonly [string, object][] = [
  ['createService', { serviceName: 'x', taskDefinition: 'web', desiredCount: 0 }],
  ['deleteAttributes', { attributes: [{ name: 'a', targetId: missingId }] }],
  ['deleteCluster', {}],
  ['deleteService', { service: 'web' }],
  ['deregisterContainerInstance', { containerInstance: missingId }],
  ['describeContainerInstances', { containerInstances: [missingId] }],
  ['describeServices', { services: ['web'] }],
  ['describeTasks', { tasks: [missingId] }],
  ['discoverPollEndpoint', { containerInstance: missingId }],
  ['listAttributes', { targetType: 'container-instance' }],
  ['listContainerInstances', {}],
  ['listServices', {}],
  ['listTasks', {}],
  ['putAttributes', { attributes: [{ name: 'a', targetId: missingId }] }],
  ['runTask', { taskDefinition: 'web' }],
  ['startTask', { taskDefinition: 'web', containerInstances: [missingId] }],
  ['stopTask', { task: missingId }],
  ['submitAttachmentStateChanges', { attachments: [] }],
  ['submitContainerStateChange', { task: missingId }],
  ['submitTaskStateChange', { task: missingId }],
  ['updateCluster', {}],
  ['updateClusterSettings', { settings: [{ name: 'containerInsights', value: 'enabled' }] }],
  ['updateContainerAgent', { containerInstance: missingId }],
  ['updateContainerInstancesState', { containerInstances: [missingId], status: 'ACTIVE' }],
  ['updateService', { service: 'web' }],
]

const call = (operation: string, input: object): Promise<object> =>
  (berth.ecs as unknown as Record<string, (input: object) => Promise<object>>)[operation]!(input)

/** What it is refused with, and nothing when it is not. */
const outcome = (operation: string, input: object): Promise<readonly [string, string]> =>
  refusal(call(operation, input).then(() => Promise.reject(Object.assign(new Error(''), { name: '' }))))

test.each(inCluster)('%s takes a cluster by name and by ARN alike', async (operation, input) => {
  await berth.ecs.createCluster({ clusterName: 'Blue_1-x' })
  await berth.ecs.createCluster({ clusterName: 'green' })
  expect(await outcome(operation, { ...input, cluster: arn('cluster/green') })).toEqual(
    await outcome(operation, { ...input, cluster: 'Blue_1-x' }),
  )
})

test.each(inCluster)('%s refuses a cluster that is not there, or has no name', async (operation, input) => {
  const refused = (cluster: string) => outcome(operation, { ...input, cluster })
  expect(await refused('gone')).toEqual(['ClusterNotFoundException', 'Cluster not found.'])
  expect(await refused(arn('cluster/gone'))).toEqual(['ClusterNotFoundException', 'Cluster not found.'])
  for (const wrong of ['a b', 'a/b', 'x'.repeat(256), arn('service/web'), arn('cluster/a/b')])
    expect([wrong, (await refused(wrong))[0]]).toEqual([wrong, 'InvalidParameterException'])
  expect(await refused(arn('cluster/default').replace('us-east-1', 'eu-west-1'))).toEqual([
    'InvalidParameterException',
    'Invalid Region in ARN',
  ])
  expect(await refused(arn('cluster/default').replace('111122223333', '444455556666'))).toEqual([
    'InvalidParameterException',
    'Invalid Account ID in ARN',
  ])
})

const changesTheCluster = new Set(['deleteCluster', 'updateCluster', 'updateClusterSettings'])

test.each(inCluster.filter(([operation]) => !changesTheCluster.has(operation)))(
  '%s takes an empty name of a cluster for the default one, as the Terraform provider sends it',
  async (operation, input) => {
    // A second service of the same name is another matter.
    const other = operation === 'createService' ? { ...input, serviceName: 'y' } : input
    expect(await outcome(operation, { ...input, cluster: '' })).toEqual(await outcome(operation, other))
  },
)

test.each(inCluster.filter(([operation]) => changesTheCluster.has(operation)))(
  '%s does not take an empty name for the default cluster',
  async (operation, input) => {
    expect(await outcome(operation, { ...input, cluster: '' })).toEqual([
      'InvalidParameterException',
      'Cluster must match ^[a-zA-Z0-9\\-_]{1,255}$, but was ',
    ])
  },
)

describe('a short ARN, a long one and a name', () => {
  it('are the same task', async () => {
    const id = task.slice(-32)
    for (const reference of [id, arn(`task/${id}`), task]) {
      const { tasks } = await berth.ecs.describeTasks({ tasks: [reference] })
      expect(tasks?.map(({ taskArn }) => taskArn)).toEqual([task])
      expect((await berth.ecs.stopTask({ task: reference })).task?.taskArn).toBe(task)
      await berth.ecs.submitTaskStateChange({ task: reference })
    }
  })

  it('are the same container instance', async () => {
    const id = instance.slice(-32)
    for (const reference of [id, arn(`container-instance/${id}`), instance]) {
      const containerInstances = [reference]
      const found = await berth.ecs.describeContainerInstances({ containerInstances })
      expect(found.containerInstances?.[0]?.containerInstanceArn).toBe(instance)
      expect((await berth.ecs.listTasks({ containerInstance: reference })).taskArns).toEqual([task])
      await berth.ecs.putAttributes({ attributes: [{ name: 'rack', value: 'r', targetId: reference }] })
      const started = await berth.ecs.startTask({ taskDefinition: 'web', containerInstances })
      await berth.ecs.stopTask({ task: started.tasks![0]!.taskArn! })
      await berth.ecs.submitTaskStateChange({ task: started.tasks![0]!.taskArn!, status: 'STOPPED' })
      const drained = await berth.ecs.updateContainerInstancesState({ containerInstances, status: 'ACTIVE' })
      expect(drained.failures).toEqual([])
    }
    const { containerInstance } = await berth.ecs.deregisterContainerInstance({
      containerInstance: arn(`container-instance/${id}`),
      force: true,
    })
    expect(containerInstance?.containerInstanceArn).toBe(instance)
  })

  it('are the same service', async () => {
    for (const reference of ['web', arn('service/web'), arn('service/default/web')]) {
      const { services } = await berth.ecs.describeServices({ services: [reference] })
      expect(services?.map(({ serviceName }) => serviceName)).toEqual(['web'])
      expect((await berth.ecs.updateService({ service: reference })).service?.serviceName).toBe('web')
      expect((await berth.ecs.listTasks({ serviceName: reference })).taskArns).toEqual([])
    }
  })

  it('are the same task definition', async () => {
    for (const taskDefinition of ['web', 'web:1', arn('task-definition/web:1'), arn('task-definition/web')]) {
      const described = await berth.ecs.describeTaskDefinition({ taskDefinition })
      expect(described.taskDefinition?.taskDefinitionArn).toBe(arn('task-definition/web:1'))
      expect((await run({ taskDefinition })).taskDefinitionArn).toBe(arn('task-definition/web:1'))
    }
  })

  it('are refused where they name another cluster, or another kind of thing', async () => {
    await berth.ecs.createCluster({ clusterName: 'blue' })
    const other = 'Invalid identifier: Identifier is for cluster default. Your cluster is blue'
    expect(await outcome('describeTasks', { cluster: 'blue', tasks: [task] })).toEqual([
      'InvalidParameterException',
      other,
    ])
    expect(
      await outcome('describeServices', { cluster: 'blue', services: [arn('service/default/web')] }),
    ).toEqual(['InvalidParameterException', other])
    expect(
      await outcome('describeContainerInstances', { cluster: 'blue', containerInstances: [instance] }),
    ).toEqual(['InvalidParameterException', other])
    expect((await outcome('stopTask', { task: instance }))[0]).toBe('InvalidParameterException')
    expect((await outcome('runTask', { taskDefinition: task }))[0]).toBe('InvalidParameterException')
  })
})

describe('what is INACTIVE', () => {
  it('stays describable, and takes no changes', async () => {
    await berth.ecs.stopTask({ task })
    await berth.ecs.submitTaskStateChange({ task, status: 'STOPPED' })
    await berth.ecs.deleteService({ service: 'web' })
    berth.settle()
    await berth.ecs.deregisterTaskDefinition({ taskDefinition: 'web:1' })
    await berth.ecs.deregisterContainerInstance({ containerInstance: instance })
    await berth.ecs.deleteCluster({ cluster: 'default' })
    const { clusters } = await berth.ecs.describeClusters({})
    expect(clusters).toMatchObject([{ clusterName: 'default', status: 'INACTIVE' }])
    expect((await berth.ecs.listClusters({})).clusterArns).toEqual([])
    const { services } = await berth.ecs.describeServices({ services: ['web'] })
    expect(services).toMatchObject([{ serviceName: 'web', status: 'INACTIVE' }])
    const { taskDefinition } = await berth.ecs.describeTaskDefinition({ taskDefinition: 'web:1' })
    expect(taskDefinition).toMatchObject({ revision: 1, status: 'INACTIVE' })
    for (const [operation, input] of inCluster.filter(([operation]) => operation !== 'describeServices'))
      expect([operation, ...(await outcome(operation, { cluster: 'default', ...input }))]).toEqual([
        operation,
        'ClusterNotFoundException',
        'The referenced cluster was inactive.',
      ])
    // The name is free again, and nothing of the old cluster is in the new one.
    await berth.ecs.createCluster({ clusterName: 'default' })
    expect((await berth.ecs.listContainerInstances({})).containerInstanceArns).toEqual([])
    expect((await registerInstance(berth, {})).startsWith(arn('container-instance/default/'))).toBe(true)
  })
})
