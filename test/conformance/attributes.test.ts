import { beforeEach, expect, test } from 'vitest'
import { registerInstance } from './given.ts'
import { refusal, useBerth } from './harness.ts'

const berth = useBerth()

let first: string
let second: string
const targetType = 'container-instance'

beforeEach(async () => {
  await berth.ecs.createCluster({ clusterName: 'blue' })
  const attributes = [{ name: 'ecs.os-type', value: 'linux' }]
  const arns = [
    await registerInstance(berth, { cluster: 'blue', attributes }),
    await registerInstance(berth, { cluster: 'blue', attributes }),
  ]
  ;[first = '', second = ''] = arns.sort()
})

const put = (targetId: string, name: string, value?: string) =>
  berth.ecs.putAttributes({ cluster: 'blue', attributes: [{ name, value, targetType, targetId }] })

test('an attribute is put, changed, listed and deleted', async () => {
  const stack = { name: 'stack', value: 'prod', targetType, targetId: first }
  expect((await put(first, 'stack', 'test')).attributes).toEqual([{ ...stack, value: 'test' }])
  const id = first.slice(first.lastIndexOf('/') + 1)
  expect((await put(id, 'stack', 'prod')).attributes).toEqual([stack])
  const list = { cluster: 'blue', targetType, attributeName: 'stack' } as const
  expect((await berth.ecs.listAttributes(list)).attributes).toEqual([stack])
  const deleted = await berth.ecs.deleteAttributes({
    cluster: 'blue',
    attributes: [{ name: 'stack', value: 'prod', targetType, targetId: id }],
  })
  expect(deleted.attributes).toEqual([stack])
  expect((await berth.ecs.listAttributes(list)).attributes).toEqual([])
})

test('ListAttributes goes by instance and name, filters by value, and comes in pages', async () => {
  await put(second, 'stack', 'prod')
  await put(first, 'stack', 'prod')
  await put(first, 'rack')
  const names: string[] = []
  let nextToken: string | undefined
  do {
    const page = await berth.ecs.listAttributes({ cluster: 'blue', targetType, maxResults: 2, nextToken })
    for (const { name, targetId } of page.attributes ?? [])
      if (!name?.includes('.')) names.push(`${name} ${targetId === first ? 1 : 2}`)
    nextToken = page.nextToken
  } while (nextToken)
  expect(names).toEqual(['rack 1', 'stack 1', 'stack 2'])
  const filter = { cluster: 'blue', targetType, attributeName: 'stack' } as const
  const matching = await berth.ecs.listAttributes({ ...filter, attributeValue: 'prod' })
  expect(matching.attributes).toHaveLength(2)
  expect((await berth.ecs.listAttributes({ ...filter, attributeValue: 'x' })).attributes).toEqual([])
})

test('a target that is not there is not found', async () => {
  const targetId = '0'.repeat(32)
  const notFound = ['TargetNotFoundException', `The specified target was not found: ${targetId}`]
  const attributes = [{ name: 'stack', targetId }]
  expect(await refusal(put(targetId, 'stack'))).toEqual(notFound)
  expect(await refusal(berth.ecs.deleteAttributes({ cluster: 'blue', attributes }))).toEqual(notFound)
})

test('a cluster that is not there is not found', async () => {
  const notFound = ['ClusterNotFoundException', 'Cluster not found.']
  const attributes = [{ name: 'stack', targetId: first }]
  expect(await refusal(berth.ecs.putAttributes({ attributes }))).toEqual(notFound)
  expect(await refusal(berth.ecs.deleteAttributes({ attributes }))).toEqual(notFound)
  expect(await refusal(berth.ecs.listAttributes({ targetType }))).toEqual(notFound)
})

test('ten custom attributes are the most of one instance', async () => {
  for (let index = 0; index < 10; index++) await put(first, `custom-${index}`)
  await put(first, 'custom-0', 'again')
  const [name, message] = await refusal(put(first, 'one-more'))
  expect(name).toBe('AttributeLimitExceededException')
  expect(message).toContain('The maximum number of custom attributes is 10')
})

test.each([
  [{ name: 'a b' }, 'Invalid attribute name: a b'],
  [{ name: 'ecs.os-type' }, 'Attribute names of this prefix are reserved: ecs.os-type'],
  [{ name: 'berth.underlay-address' }, 'Attribute names of this prefix are reserved: berth.underlay-address'],
  [{ name: 'a', value: ' x' }, 'Invalid value of attribute a:  x'],
  [{ name: 'a', targetId: '' }, 'Attribute a needs a targetId.'],
])('%j is refused', async (attribute, message) => {
  const attributes = [{ targetId: first, ...attribute }]
  const refused = ['InvalidParameterException', message]
  expect(await refusal(berth.ecs.putAttributes({ cluster: 'blue', attributes }))).toEqual(refused)
  expect(await refusal(berth.ecs.deleteAttributes({ cluster: 'blue', attributes }))).toEqual(refused)
})

test('a value without a name, and eleven attributes, are refused', async () => {
  const list = berth.ecs.listAttributes({ cluster: 'blue', targetType, attributeValue: 'x' })
  expect((await refusal(list))[0]).toBe('InvalidParameterException')
  const attributes = Array.from({ length: 11 }, (_, index) => ({ name: `a${index}`, targetId: first }))
  expect((await refusal(berth.ecs.putAttributes({ cluster: 'blue', attributes })))[1]).toBe(
    'attributes must have 1 to 10 elements.',
  )
})
