import { expect, it } from 'vitest'
import { refusal, useBerth } from './harness.ts'

const berth = useBerth()
const list = (request: { namespace?: string; maxResults?: number; nextToken?: string }) =>
  refusal(berth.ecs.listServicesByNamespace({ namespace: 'example', ...request }))

it('ListServicesByNamespace finds no namespace, as there is none', async () => {
  expect(await list({ maxResults: 100 })).toEqual([
    'NamespaceNotFoundException',
    'Failed to retrieve namespace for example',
  ])
})

it('ListServicesByNamespace is refused what makes no sense, and to nobody', async () => {
  const bad = [{ namespace: '' }, { maxResults: 0 }, { maxResults: 101 }, { nextToken: 'nonsense' }]
  for (const request of bad) expect((await list(request))[0]).toBe('InvalidParameterException')
  const call = berth.nobody.listServicesByNamespace({ namespace: 'example' })
  expect((await refusal(call))[0]).toBe('AccessDeniedException')
})
