import { expect, test } from 'vitest'
import { containerInstances } from '../../packages/control-plane/src/services/ecs/tables/index.ts'
import { connectAgent, registerInstance } from './given.ts'
import { arn, refusal, useBerth } from './harness.ts'
import { least } from './sample-definitions.ts'

const berth = useBerth()

const configuration = {
  executeCommandConfiguration: {
    kmsKeyId: 'key',
    logging: 'OVERRIDE',
    logConfiguration: {
      cloudWatchLogGroupName: 'exec',
      cloudWatchEncryptionEnabled: true,
      s3BucketName: 'bucket',
      s3EncryptionEnabled: true,
      s3KeyPrefix: 'prefix',
    },
  },
  managedStorageConfiguration: { kmsKeyId: 'storage', fargateEphemeralStorageKmsKeyId: 'ephemeral' },
} as const

const whole = {
  clusterName: 'blue',
  tags: [{ key: 'team', value: 'ships' }],
  settings: [{ name: 'containerInsights', value: 'enhanced' }],
  configuration,
  capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
  defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1, base: 2 }],
  serviceConnectDefaults: { namespace: 'local' },
} satisfies Parameters<typeof berth.ecs.createCluster>[0]

const counts = {
  registeredContainerInstancesCount: 0,
  runningTasksCount: 0,
  pendingTasksCount: 0,
  activeServicesCount: 0,
}

const wholeCluster = {
  clusterArn: arn('cluster/blue'),
  ...whole,
  ...counts,
  status: 'ACTIVE',
  statistics: [],
}

test('a cluster shows all that it was created with', async () => {
  const { cluster } = await berth.ecs.createCluster(whole)
  expect(cluster).toEqual(wholeCluster)
})

test('without a name it is the default cluster, with the defaults of settings', async () => {
  const { cluster } = await berth.ecs.createCluster({})
  expect(cluster).toEqual({
    clusterArn: arn('cluster/default'),
    clusterName: 'default',
    status: 'ACTIVE',
    ...counts,
    statistics: [],
    tags: [],
    settings: [{ name: 'containerInsights', value: 'disabled' }],
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
  })
})

test('the account setting of container insights is the default of new clusters', async () => {
  await berth.ecs.putAccountSettingDefault({ name: 'containerInsights', value: 'enabled' })
  const { cluster } = await berth.ecs.createCluster({})
  expect(cluster?.settings).toEqual([{ name: 'containerInsights', value: 'enabled' }])
})

test('creating it again gives the same cluster, unless the request contradicts it', async () => {
  await berth.ecs.createCluster(whole)
  const { cluster } = await berth.ecs.createCluster({ clusterName: 'blue' })
  expect(cluster).toEqual(wholeCluster)
  const other = berth.ecs.createCluster({ clusterName: 'blue', tags: [{ key: 'team', value: 'trains' }] })
  expect(await refusal(other)).toEqual([
    'InvalidParameterException',
    'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
  ])
})

test.each([
  [{ clusterName: 'a b' }, 'Cluster must match ^[a-zA-Z0-9\\-_]{1,255}$, but was a b'],
  [{ settings: [{ name: 'containerInsights', value: 'on' }] }, 'Invalid value for the cluster setting'],
  [{ capacityProviders: ['mine'] }, "The specified capacity provider 'mine' was not found."],
  [
    { defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] },
    'The specified capacity provider strategy cannot contain a capacity provider that is not associated',
  ],
  [
    { configuration: { executeCommandConfiguration: { logging: 'OVERRIDE' } } },
    'logConfiguration is required when logging is OVERRIDE.',
  ],
  [{ tags: [{ key: 'aws:x', value: '' }] }, 'Tag keys starting with aws: are reserved: aws:x'],
] as const)('CreateCluster refuses %j', async (input, message) => {
  const [name, text] = await refusal(berth.ecs.createCluster(input as never))
  expect(name).toBe('InvalidParameterException')
  expect(text).toContain(message)
})

test('DescribeClusters shows optional parts when asked to, and what is missing', async () => {
  await berth.ecs.createCluster(whole)
  const { clusters, failures } = await berth.ecs.describeClusters({
    clusters: ['blue', arn('cluster/none')],
    include: ['ATTACHMENTS', 'CONFIGURATIONS', 'SETTINGS', 'STATISTICS', 'TAGS'],
  })
  expect(clusters).toEqual([{ ...wholeCluster, attachments: [], statistics: expect.any(Array) }])
  expect(clusters?.[0]?.statistics?.map(({ name, value }) => `${name}=${value}`)).toEqual([
    'runningEC2TasksCount=0',
    'pendingEC2TasksCount=0',
    'runningFargateTasksCount=0',
    'pendingFargateTasksCount=0',
    'runningExternalTasksCount=0',
    'pendingExternalTasksCount=0',
    'activeEC2ServiceCount=0',
    'activeFargateServiceCount=0',
    'activeExternalServiceCount=0',
    'drainingEC2ServiceCount=0',
    'drainingFargateServiceCount=0',
    'drainingExternalServiceCount=0',
  ])
  expect(failures).toEqual([{ arn: arn('cluster/none'), reason: 'MISSING' }])
})

test('DescribeClusters without names describes the default cluster', async () => {
  expect(await berth.ecs.describeClusters({})).toMatchObject({
    clusters: [],
    failures: [{ arn: arn('cluster/default'), reason: 'MISSING' }],
  })
  await berth.ecs.createCluster({ tags: [{ key: 'a', value: 'b' }] })
  const { clusters } = await berth.ecs.describeClusters({})
  expect(clusters).toMatchObject([{ clusterName: 'default', tags: [], settings: [], statistics: [] }])
})

test('DescribeClusters refuses ARNs of elsewhere', async () => {
  const elsewhere = berth.ecs.describeClusters({ clusters: ['arn:aws:ecs:eu-west-1:111122223333:cluster/a'] })
  expect(await refusal(elsewhere)).toEqual(['InvalidParameterException', 'Invalid Region in ARN'])
})

test('ListClusters gives ACTIVE clusters in pages', async () => {
  for (const clusterName of ['c', 'a', 'b', 'gone']) await berth.ecs.createCluster({ clusterName })
  await berth.ecs.deleteCluster({ cluster: 'gone' })
  const first = await berth.ecs.listClusters({ maxResults: 2 })
  expect(first.clusterArns).toEqual([arn('cluster/a'), arn('cluster/b')])
  const second = await berth.ecs.listClusters({ nextToken: first.nextToken })
  expect(second.clusterArns).toEqual([arn('cluster/c')])
  expect(second.nextToken).toBeUndefined()
  expect(await refusal(berth.ecs.listClusters({ nextToken: 'x' }))).toEqual([
    'InvalidParameterException',
    'Invalid nextToken.',
  ])
})

test('UpdateCluster changes what it says, and leaves the rest', async () => {
  const { tags, capacityProviders, defaultCapacityProviderStrategy } = whole
  await berth.ecs.createCluster({
    clusterName: 'blue',
    tags,
    capacityProviders,
    defaultCapacityProviderStrategy,
  })
  const { cluster } = await berth.ecs.updateCluster({
    cluster: 'blue',
    settings: whole.settings,
    configuration,
    serviceConnectDefaults: { namespace: 'local' },
  })
  expect(cluster).toEqual(wholeCluster)
  const cleared = await berth.ecs.updateCluster({
    cluster: 'blue',
    serviceConnectDefaults: { namespace: '' },
  })
  expect(cleared.cluster).toMatchObject({ configuration, settings: whole.settings })
  expect(cleared.cluster?.serviceConnectDefaults).toBeUndefined()
})

test('UpdateClusterSettings changes the settings', async () => {
  await berth.ecs.createCluster(whole)
  const settings = [{ name: 'containerInsights', value: 'enabled' }] as const
  const { cluster } = await berth.ecs.updateClusterSettings({
    cluster: arn('cluster/blue'),
    settings: [...settings],
  })
  expect(cluster).toEqual({ ...wholeCluster, settings })
  expect(await refusal(berth.ecs.updateClusterSettings({ cluster: 'blue', settings: [] }))).toEqual([
    'InvalidParameterException',
    'settings should not be null or empty.',
  ])
})

test('a deleted cluster is INACTIVE, refused where it is used, and its name starts anew', async () => {
  await berth.ecs.createCluster(whole)
  const { cluster } = await berth.ecs.deleteCluster({ cluster: 'blue' })
  expect(cluster).toEqual({ ...wholeCluster, status: 'INACTIVE' })
  expect((await berth.ecs.describeClusters({ clusters: ['blue'] })).clusters).toMatchObject([
    { clusterName: 'blue', status: 'INACTIVE' },
  ])
  const inactive = ['ClusterNotFoundException', 'The referenced cluster was inactive.']
  const settings = [{ name: 'containerInsights', value: 'enabled' }] as const
  expect(await refusal(berth.ecs.updateCluster({ cluster: 'blue' }))).toEqual(inactive)
  expect(await refusal(berth.ecs.deleteCluster({ cluster: 'blue' }))).toEqual(inactive)
  expect(
    await refusal(berth.ecs.updateClusterSettings({ cluster: 'blue', settings: [...settings] })),
  ).toEqual(inactive)
  const again = await berth.ecs.createCluster({ clusterName: 'blue' })
  expect(again.cluster).toMatchObject({ status: 'ACTIVE', tags: [] })
})

test('a cluster that never was is not found', async () => {
  const notFound = ['ClusterNotFoundException', 'Cluster not found.']
  expect(await refusal(berth.ecs.deleteCluster({ cluster: 'blue' }))).toEqual(notFound)
  expect(await refusal(berth.ecs.updateCluster({ cluster: 'blue' }))).toEqual(notFound)
})

test('a cluster with container instances is counted and not deleted', async () => {
  await berth.ecs.createCluster({ clusterName: 'blue' })
  await registerInstance(berth, { cluster: 'blue' })
  const { clusters } = await berth.ecs.describeClusters({ clusters: ['blue'] })
  expect(clusters?.[0]?.registeredContainerInstancesCount).toBe(1)
  expect(await refusal(berth.ecs.deleteCluster({ cluster: 'blue' }))).toEqual([
    'ClusterContainsContainerInstancesException',
    'The Cluster cannot be deleted while Container Instances are active or draining.',
  ])
})

test('a cluster whose tasks have not ended is not deleted', async () => {
  await berth.ecs.createCluster({ clusterName: 'blue' })
  const containerInstance = await registerInstance(berth, { cluster: 'blue' })
  connectAgent(berth, containerInstance)
  await berth.ecs.registerTaskDefinition(least)
  await berth.ecs.startTask({
    cluster: 'blue',
    taskDefinition: 'web',
    containerInstances: [containerInstance],
  })
  const { clusters } = await berth.ecs.describeClusters({ clusters: ['blue'], include: ['STATISTICS'] })
  expect(clusters?.[0]).toMatchObject({ pendingTasksCount: 1, runningTasksCount: 0 })
  expect(clusters?.[0]?.statistics).toContainEqual({ name: 'pendingEC2TasksCount', value: '1' })
  berth.store.update(tx => {
    const row = tx.get(containerInstances, containerInstance)
    if (row) tx.put(containerInstances, { ...row, status: 'INACTIVE' })
  })
  expect(await refusal(berth.ecs.deleteCluster({ cluster: 'blue' }))).toEqual([
    'ClusterContainsTasksException',
    'The Cluster cannot be deleted while Tasks are active.',
  ])
})

test('a cluster with services is counted and not deleted', async () => {
  await berth.ecs.createCluster({ clusterName: 'blue' })
  await berth.ecs.registerTaskDefinition({
    family: 'web',
    containerDefinitions: [{ name: 'web', image: 'web', memory: 64 }],
  })
  await berth.ecs.createService({
    cluster: 'blue',
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 0,
    launchType: 'EXTERNAL',
  })
  const { clusters } = await berth.ecs.describeClusters({ clusters: ['blue'], include: ['STATISTICS'] })
  expect(clusters?.[0]?.activeServicesCount).toBe(1)
  expect(clusters?.[0]?.statistics).toContainEqual({ name: 'activeExternalServiceCount', value: '1' })
  expect(await refusal(berth.ecs.deleteCluster({ cluster: 'blue' }))).toEqual([
    'ClusterContainsServicesException',
    'The Cluster cannot be deleted while Services are active.',
  ])
})

test.each(['deleteCluster', 'updateCluster'] as const)('%s refuses a name that is none', async method => {
  const [name, message] = await refusal(berth.ecs[method]({ cluster: 'a/b' }))
  expect(name).toBe('InvalidParameterException')
  expect(message).toContain('Cluster must match')
})
