import { beforeEach, expect, test } from 'vitest'
import { connectAgent, registerInstance } from './given.ts'
import { arn, refusal, useBerth } from './harness.ts'
import { least } from './sample-definitions.ts'

const berth = useBerth()

let arns: Record<'cluster' | 'service' | 'task' | 'task-definition' | 'container-instance', string>

beforeEach(async () => {
  await berth.ecs.createCluster({})
  await berth.ecs.registerTaskDefinition(least)
  const instance = await registerInstance(berth, {})
  connectAgent(berth, instance)
  const { tasks } = await berth.ecs.startTask({ taskDefinition: 'web', containerInstances: [instance] })
  await berth.ecs.createService({
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 0,
    launchType: 'EC2',
  })
  arns = {
    cluster: arn('cluster/default'),
    service: arn('service/default/web'),
    task: tasks?.[0]?.taskArn ?? '',
    'task-definition': arn('task-definition/web:1'),
    'container-instance': instance,
  }
})

const tagsOf = async (resourceArn: string) => (await berth.ecs.listTagsForResource({ resourceArn })).tags

test.each(['cluster', 'service', 'task', 'task-definition', 'container-instance'] as const)(
  'tags are put on a %s, changed, listed and taken away',
  async kind => {
    const resourceArn = arns[kind]
    expect(await tagsOf(resourceArn)).toEqual([])
    await berth.ecs.tagResource({
      resourceArn,
      tags: [
        { key: 'a', value: '1' },
        { key: 'b', value: '2' },
      ],
    })
    await berth.ecs.tagResource({ resourceArn, tags: [{ key: 'a', value: '3' }] })
    expect(await tagsOf(resourceArn)).toEqual([
      { key: 'a', value: '3' },
      { key: 'b', value: '2' },
    ])
    await berth.ecs.untagResource({ resourceArn, tagKeys: ['a', 'c'] })
    expect(await tagsOf(resourceArn)).toEqual([{ key: 'b', value: '2' }])
  },
)

test.each([
  ['cluster/none', 'ClusterNotFoundException', 'Cluster not found.'],
  ['service/default/none', 'ResourceNotFoundException', 'The specified resource could not be found.'],
  ['service/web', 'InvalidParameterException', 'Long arn format must be used for tagging operations'],
  ['gateway/none', 'InvalidParameterException', `Invalid ARN: ${arn('gateway/none')}`],
])('%s is refused by all three operations', async (resource, name, message) => {
  const resourceArn = arn(resource)
  const refused = [name, message]
  expect(await refusal(berth.ecs.listTagsForResource({ resourceArn }))).toEqual(refused)
  expect(await refusal(berth.ecs.tagResource({ resourceArn, tags: [{ key: 'a' }] }))).toEqual(refused)
  expect(await refusal(berth.ecs.untagResource({ resourceArn, tagKeys: ['a'] }))).toEqual(refused)
})

test('what has ended takes no tags any more', async () => {
  await berth.ecs.deregisterTaskDefinition({ taskDefinition: 'web:1' })
  expect(await refusal(tagsOf(arns['task-definition']))).toEqual([
    'InvalidParameterException',
    'The specified task definition is inactive. Specify an active task definition and try again.',
  ])
})

test('an ARN of another region or account is refused', async () => {
  expect(await refusal(tagsOf('arn:aws:ecs:eu-west-1:111122223333:cluster/default'))).toEqual([
    'InvalidParameterException',
    'Invalid Region in ARN',
  ])
  expect((await refusal(tagsOf('arn:aws:ecs:us-east-1:999999999999:cluster/default')))[1]).toBe(
    'Invalid Account ID in ARN',
  )
})

test.each([
  [[], 'Tags can not be empty.'],
  [[{ key: '' }], 'Tag key should not be null or empty.'],
  [[{ key: 'AWS:a' }], 'Tag keys starting with aws: are reserved: AWS:a'],
  [[{ key: 'k'.repeat(129) }], 'Tag key is invalid'],
  [[{ key: 'a', value: 'v'.repeat(257) }], 'The value of tag a is invalid.'],
  [[{ key: 'a' }, { key: 'a' }], 'Tag keys must be unique: a'],
  [Array.from({ length: 51 }, (_, index) => ({ key: `${index}` })), 'The maximum number of tags is 50.'],
])('tags %j are refused', async (tags, message) => {
  const [name, text] = await refusal(berth.ecs.tagResource({ resourceArn: arns.cluster, tags }))
  expect(name).toBe('InvalidParameterException')
  expect(text).toContain(message)
})

test('fifty tags are the most, those that were there included', async () => {
  const tags = Array.from({ length: 50 }, (_, index) => ({ key: `${index}`, value: '' }))
  await berth.ecs.tagResource({ resourceArn: arns.cluster, tags })
  const one = berth.ecs.tagResource({ resourceArn: arns.cluster, tags: [{ key: 'more' }] })
  expect(await refusal(one)).toEqual(['LimitExceededException', 'The maximum number of tags is 50.'])
})
