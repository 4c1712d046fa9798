import type { ListContainerInstancesRequest, ListContainerInstancesResponse } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { callOn } from '../../fixtures/root-call.ts'
import { given, instanceArn, storeWith } from '../../fixtures/rows.ts'
import { listContainerInstances } from './list-container-instances.ts'

const openList = async (instances: number) => {
  const last = instances - 1
  const store = await storeWith({
    instances: Array.from({ length: instances }, (_, number) =>
      given.instance(number, { attributes: number === last ? [{ name: 'stack', value: 'blue' }] : [] }),
    ),
  })
  return (request: ListContainerInstancesRequest) =>
    listContainerInstances.handle(request, callOn(store)) as ListContainerInstancesResponse
}

test('A filter that selects few of very many instances makes short pages, not a long turn', async () => {
  const list = await openList(1_500)
  const filter = 'attribute:stack == blue'
  const first = list({ filter })
  expect(first.containerInstanceArns).toEqual([])
  const second = list({ filter, nextToken: first.nextToken })
  expect(second).toEqual({ containerInstanceArns: [instanceArn(1_499)], nextToken: undefined })
})

test('A filter that makes no sense is refused, also where there is nothing to filter', async () => {
  const list = await openList(0)
  expect(() => list({ filter: 'attribute:stack ==' })).toThrow(
    expect.objectContaining({ code: 'InvalidParameterException' }),
  )
})
