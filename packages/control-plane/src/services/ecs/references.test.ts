import { expect, test } from 'vitest'
import { createMemoryJournal } from '../../journals/memory-journal.ts'
import { createStore } from '../../store/journaled-store.ts'
import {
  activeCluster,
  clusterArnOf,
  containerInstanceArnOf,
  findTaskDefinition,
  parseTaskDefinition,
  serviceArnOf,
  taskArnOf,
} from './references.ts'
import {
  type ClusterRow,
  clusters,
  families,
  type TaskDefinitionRow,
  taskDefinitions,
} from './tables/index.ts'

const scope = { accountId: '111122223333', region: 'us-east-1' }
const arn = (resource: string, region = 'us-east-1', account = '111122223333') =>
  `arn:aws:ecs:${region}:${account}:${resource}`
const id = '0123456789abcdef0123456789abcdef'

const cluster: ClusterRow = {
  id: arn('cluster/blue'),
  scope: '111122223333/us-east-1',
  name: 'blue',
  status: 'ACTIVE',
  settings: [],
  capacityProviders: [],
  defaultCapacityProviderStrategy: [],
  tags: [],
  createdAt: 0,
}

const given = async (...rows: ClusterRow[]) => {
  const store = createStore({
    tables: [clusters, families, taskDefinitions],
    histories: [],
    journal: createMemoryJournal(),
    freeze: true,
  })
  await store.load()
  store.update(tx => {
    for (const row of rows) tx.put(clusters, row)
  })
  return store
}

test('a cluster is named by its name, its ARN or not at all', () => {
  expect(clusterArnOf(scope, 'blue')).toBe(arn('cluster/blue'))
  expect(clusterArnOf(scope, arn('cluster/blue'))).toBe(arn('cluster/blue'))
  expect(clusterArnOf(scope)).toBe(arn('cluster/default'))
  expect(clusterArnOf(scope, '')).toBe(arn('cluster/default'))
})

test.each([
  [arn('cluster/blue', 'eu-west-1'), 'Invalid Region in ARN'],
  [arn('cluster/blue', 'us-east-1', '999999999999'), 'Invalid Account ID in ARN'],
  [arn('cluster/blue/green'), 'Invalid identifier: Unexpected number of separators'],
  [arn('service/blue'), 'Invalid identifier: Expected a cluster, but was '],
  ['arn:aws:s3:::bucket', 'Invalid identifier: arn:aws:s3:::bucket'],
  ['arn:aws', 'Invalid identifier: arn:aws'],
  ['a b', 'Cluster must match ^[a-zA-Z0-9\\-_]{1,255}$, but was a b'],
])('%s is no cluster', (reference, message) => {
  expect(() => clusterArnOf(scope, reference)).toThrow(message)
})

test('a cluster that was never there is not found, an INACTIVE one is refused', async () => {
  const store = await given({ ...cluster, status: 'INACTIVE' })
  expect(() => activeCluster(store, scope, 'green')).toThrow('Cluster not found.')
  expect(() => activeCluster(store, scope, 'blue')).toThrow('The referenced cluster was inactive.')
})

test('what is in a cluster is named by id, short ARN or long ARN', () => {
  for (const reference of [id, arn(`task/${id}`), arn(`task/blue/${id}`)])
    expect(taskArnOf(cluster, reference)).toBe(arn(`task/blue/${id}`))
  for (const reference of ['web', arn('service/web'), arn('service/blue/web')])
    expect(serviceArnOf(cluster, reference)).toBe(arn('service/blue/web'))
  for (const reference of [id, arn(`container-instance/${id}`), arn(`container-instance/blue/${id}`)])
    expect(containerInstanceArnOf(cluster, reference)).toBe(arn(`container-instance/blue/${id}`))
})

test.each([
  [arn(`task/green/${id}`), 'Invalid identifier: Identifier is for cluster green. Your cluster is blue'],
  [`blue/${id}`, 'Invalid identifier: Unexpected number of separators'],
  [arn(`task/blue/${id}/x`), 'Invalid identifier: Unexpected number of separators'],
  [arn('task/blue/'), 'Invalid identifier: Expected a task'],
  ['short', 'taskId length should be one of [32,36]'],
])('%s is no task of the cluster', (reference, message) => {
  expect(() => taskArnOf(cluster, reference)).toThrow(message)
})

test('a task definition is a family, a revision or an ARN of either', () => {
  expect(parseTaskDefinition(scope, 'web')).toEqual({ family: 'web', revision: undefined })
  expect(parseTaskDefinition(scope, 'web:2')).toEqual({ family: 'web', revision: 2 })
  expect(parseTaskDefinition(scope, arn('task-definition/web:2'))).toEqual({ family: 'web', revision: 2 })
  for (const wrong of ['', 'web:', 'web:0', 'web:x', 'web:1:2', 'a b', arn('task/web:1')])
    expect(() => parseTaskDefinition(scope, wrong)).toThrow()
})

test('a bare family is its newest ACTIVE revision', async () => {
  const store = await given()
  const row = (revision: number, status: TaskDefinitionRow['status']): TaskDefinitionRow => ({
    id: arn(`task-definition/web:${revision}`),
    scope: cluster.scope,
    family: 'web',
    revision,
    status,
    definition: {},
    tags: [],
    registeredAt: 0,
    registeredBy: '',
  })
  store.update(tx => {
    tx.put(taskDefinitions, row(1, 'ACTIVE'))
    tx.put(taskDefinitions, row(2, 'INACTIVE'))
    tx.put(families, {
      id: `${cluster.scope}/web`,
      scope: cluster.scope,
      family: 'web',
      lastRevision: 2,
      latestActive: 1,
    })
  })
  expect(findTaskDefinition(store, scope, 'web')?.revision).toBe(1)
  expect(findTaskDefinition(store, scope, 'web:2')?.status).toBe('INACTIVE')
  expect(findTaskDefinition(store, scope, 'job')).toBeUndefined()
})
