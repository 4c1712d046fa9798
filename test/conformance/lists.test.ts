import { expect, test } from 'vitest'
import { registerInstance } from './given.ts'
import { refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { ready, register, run } = taskCalls(berth)

interface Page {
  readonly maxResults?: number
  readonly nextToken?: string | undefined
}

/** `other` asks the same operation for something else; `most` is the greatest page. */
const lists = [
  { operation: 'listClusters', member: 'clusterArns', most: 100 },
  {
    operation: 'listContainerInstances',
    member: 'containerInstanceArns',
    other: { status: 'ACTIVE' },
    most: 100,
  },
  { operation: 'listServices', member: 'serviceArns', other: { launchType: 'EC2' }, most: 100 },
  { operation: 'listTasks', member: 'taskArns', other: { family: 'web' }, most: 100 },
  { operation: 'listTaskDefinitions', member: 'taskDefinitionArns', other: { sort: 'DESC' }, most: 100 },
  { operation: 'listTaskDefinitionFamilies', member: 'families', other: { status: 'ACTIVE' }, most: 100 },
  {
    operation: 'listAttributes',
    member: 'attributes',
    request: { targetType: 'container-instance' },
    other: { attributeName: 'rack' },
    most: 100,
  },
  {
    operation: 'listAccountSettings',
    member: 'settings',
    request: { effectiveSettings: true },
    other: { effectiveSettings: false },
    most: 10,
  },
] as const
type List = (typeof lists)[number]

const ask = async ({ operation, member, ...list }: List, page: Page & object) => {
  const call = berth.ecs[operation].bind(berth.ecs) as (input: object) => Promise<object>
  const answer = await call({ ...('request' in list ? list.request : {}), ...page })
  const { [member]: items = [], nextToken } = answer as { nextToken?: string } & Record<string, unknown[]>
  return { items: items.map(item => JSON.stringify(item)), nextToken }
}

/** At least five of everything. */
const fill = async (): Promise<void> => {
  await ready()
  for (const name of ['e', 'b', 'd', 'a', 'c']) {
    await berth.ecs.createCluster({ clusterName: name })
    await register({ family: name })
    await registerInstance(berth, { attributes: [{ name: 'rack', value: name }] })
    await berth.ecs.createService({ serviceName: name, taskDefinition: 'web', desiredCount: 0 })
    await run()
  }
}

const walk = async (list: List, maxResults: number): Promise<string[]> => {
  const all: string[] = []
  let nextToken: string | undefined
  do {
    const page = await ask(list, { maxResults, nextToken })
    expect(page.items.length).toBeLessThanOrEqual(maxResults)
    all.push(...page.items)
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  return all
}

test.each(lists)('$operation gives the same in pages of every size, each item once', async list => {
  await fill()
  const all = await walk(list, list.most)
  expect(all.length).toBeGreaterThanOrEqual(5)
  expect(new Set(all).size).toBe(all.length)
  for (const size of [1, 2, 3]) expect(await walk(list, size)).toEqual(all)
})

test.each(lists)('$operation refuses the tokens of other lists, and of nobody', async list => {
  await fill()
  const refused = ['InvalidParameterException', 'Invalid nextToken.']
  for (const other of lists.filter(other => other !== list)) {
    const { nextToken } = await ask(other, { maxResults: 1 })
    expect(nextToken).toEqual(expect.any(String))
    expect(await refusal(ask(list, { nextToken }))).toEqual(refused)
  }
  const { nextToken } = await ask(list, { maxResults: 1 })
  if ('other' in list) expect(await refusal(ask(list, { ...list.other, nextToken }))).toEqual(refused)
  for (const token of ['', 'x', `${nextToken}x`, 'W10', 'eyJhIjoxfQ'])
    expect(await refusal(ask(list, { nextToken: token }))).toEqual(refused)
})

test.each(lists)('$operation takes a maxResults from 1 to $most', async list => {
  await fill()
  for (const maxResults of [0, -1, list.most + 1])
    expect(await refusal(ask(list, { maxResults }))).toEqual([
      'InvalidParameterException',
      `maxResults must be between 1 and ${list.most}.`,
    ])
})

test('what is added and removed between two pages moves nothing else', async () => {
  await berth.ecs.createCluster({ clusterName: 'default' })
  for (const clusterName of ['a', 'b', 'c', 'd']) await berth.ecs.createCluster({ clusterName })
  const first = await berth.ecs.listClusters({ maxResults: 2 })
  await berth.ecs.deleteCluster({ cluster: 'a' })
  await berth.ecs.deleteCluster({ cluster: 'b' })
  await berth.ecs.createCluster({ clusterName: 'bb' })
  const { clusterArns } = await berth.ecs.listClusters({ nextToken: first.nextToken })
  expect(clusterArns?.map(arn => arn.split('/')[1])).toEqual(['bb', 'c', 'd', 'default'])
})
