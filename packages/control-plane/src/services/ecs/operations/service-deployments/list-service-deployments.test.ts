import type { ListServiceDeploymentsRequest, ListServiceDeploymentsResponse } from '@aws-sdk/client-ecs'
import { expect, it, vi } from 'vitest'
import { type World, webArn, worldOf } from '../../fixtures/service-world.ts'
import { endedServiceDeployments } from '../../tables/index.ts'
import { listServiceDeployments } from './list-service-deployments.ts'

/** A service that was deployed so often. */
const deployed = async (times: number): Promise<World> => {
  const world = await worldOf()
  world.settle(3)
  for (let n = 2; n <= times; n++) {
    world.deploy(n)
    world.pass(1_000)
  }
  return world
}

const list = (
  world: World,
  request: Partial<ListServiceDeploymentsRequest>,
): Promise<ListServiceDeploymentsResponse> =>
  Promise.resolve(listServiceDeployments.handle({ service: webArn, ...request }, world.call()))

const targets = ({ serviceDeployments = [] }: ListServiceDeploymentsResponse): (string | undefined)[] =>
  serviceDeployments.map(({ targetServiceRevisionArn }) => targetServiceRevisionArn?.split('/').at(-1))

it('reads no more of the history than a page shows', async () => {
  const world = await deployed(30)
  const read = vi.spyOn(world.store.history, 'read')
  const first = await list(world, { maxResults: 3 })
  expect(targets(first)).toEqual(['30', '29', '28'])
  const { nextToken = '' } = first
  expect(targets(await list(world, { maxResults: 3, nextToken }))).toEqual(['27', '26', '25'])
  const limits = read.mock.calls.map(([, , options]) => options?.limit)
  expect(limits).toEqual([2, 1, 3, 1])
})

it('shows each once while others begin, page by page', async () => {
  const world = await deployed(5)
  const seen: (string | undefined)[] = []
  let nextToken: string | undefined
  let next = 6
  do {
    const page = await list(world, { maxResults: 1, ...(nextToken && { nextToken }) })
    seen.push(...targets(page))
    nextToken = page.nextToken
    world.deploy(next++)
  } while (nextToken !== undefined)
  expect(seen).toEqual(['5', '4', '3', '2', '1'])
})

it('ends with the last one of this service, whatever an earlier one of its name had', async () => {
  const world = await deployed(2)
  const [own] = (await world.store.history.read(endedServiceDeployments, webArn)).records
  const earlier = await deployed(1)
  if (own === undefined) expect.fail('Nothing has ended')
  earlier.store.update(tx => tx.append(endedServiceDeployments, { ...own, serviceCreatedAt: 1 }))
  const page = await list(earlier, { maxResults: 1 })
  expect(targets(page)).toEqual(['1'])
  expect(page.nextToken).toBeUndefined()
})

it('refuses a token that says no place', async () => {
  const world = await deployed(1)
  const key = Buffer.from(
    JSON.stringify([JSON.stringify(['ListServiceDeployments', webArn, { service: webArn }]), 'x']),
  )
  await expect(list(world, { nextToken: key.toString('base64url') })).rejects.toThrow('Invalid nextToken.')
})
