import { expect, test } from 'vitest'
import { clusterResource, resourceInCluster, taskDefinitionResource } from './resource-arns.ts'

const scope = { accountId: '111122223333', region: 'us-east-1' }
const arn = (resource: string) => `arn:aws:ecs:us-east-1:111122223333:${resource}`

test('a cluster is named by name or ARN, and by nothing when it is the default one', () => {
  expect(clusterResource(scope, 'blue')).toBe(arn('cluster/blue'))
  expect(clusterResource(scope, arn('cluster/blue'))).toBe(arn('cluster/blue'))
  expect(clusterResource(scope)).toBe(arn('cluster/default'))
})

test('what is in a cluster is the same by its name, its short ARN and its long one', () => {
  const of = (reference?: string) => resourceInCluster(scope, 'task', 'blue', reference)
  expect(of('1')).toBe(arn('task/blue/1'))
  expect(of(arn('task/1'))).toBe(arn('task/blue/1'))
  expect(of(arn('task/blue/1'))).toBe(arn('task/blue/1'))
  expect(resourceInCluster(scope, 'service', arn('cluster/green'), 'web')).toBe(arn('service/green/web'))
})

test('a family stands for its revisions', () => {
  expect(taskDefinitionResource(scope, 'web')).toBe(arn('task-definition/web:*'))
  expect(taskDefinitionResource(scope, 'web:2')).toBe(arn('task-definition/web:2'))
  expect(taskDefinitionResource(scope, arn('task-definition/web:2'))).toBe(arn('task-definition/web:2'))
})

test('text that means nothing is no error', () => {
  for (const text of ['', ':', '/', 'a/b/c', 'arn:', 'arn:aws:s3:::b', 'x'.repeat(300)]) {
    expect(typeof clusterResource(scope, text)).toBe('string')
    expect(typeof resourceInCluster(scope, 'task', text, text)).toBe('string')
    expect(typeof taskDefinitionResource(scope, text)).toBe('string')
  }
})
