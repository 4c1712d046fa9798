import { expect, test } from 'vitest'
import { viewOf } from './configuration/view.ts'
import { HeldBack } from './held-back.ts'
import { listenerFact, loadBalancerFact, usualFacts } from './ingress-fixtures.ts'

const viewWith = (attributes: Readonly<Record<string, string>>) => viewOf(usualFacts({}, {}, { attributes }))
const [first, second] = [viewWith({ version: '1' }), viewWith({ version: '2' })]
const newestOf = ({ loadBalancers }: typeof first) => loadBalancers[0] as (typeof loadBalancers)[number]

test('a load balancer that is refused goes on as it was taken last, until its time is up or it changes', () => {
  const held = new HeldBack([])
  held.took(first, held.loadable(first, 0))
  expect(held.refuse(newestOf(second), 'bad', 0)).toBe(true)
  expect(held.loadable(second, 1)).toEqual(first)
  expect([...held.reasons().values()]).toEqual(['bad'])
  expect([held.isRetryDue(29_999), held.isRetryDue(30_000)]).toEqual([false, true])
  expect(held.loadable(second, 30_000)).toEqual(second)
  // The same again is no news.
  expect(held.refuse(newestOf(second), 'bad', 30_000)).toBe(false)
  const third = viewWith({ version: '3' })
  expect(held.loadable(third, 30_001)).toEqual(third)
  held.took(third, held.loadable(third, 30_001))
  expect(held.reasons().size).toBe(0)
})

test('one that has never been taken is left out, and one of which nothing is taken any more', () => {
  const never = new HeldBack([])
  never.refuse(newestOf(first), 'bad', 0)
  expect(never.loadable(first, 1).loadBalancers).toEqual([])
  const earlier = new HeldBack(first.loadBalancers)
  earlier.refuse(newestOf(second), 'bad', 0)
  expect(earlier.loadable(second, 1)).toEqual(first)
  earlier.refuse(newestOf(second), 'worse', 1)
  expect(earlier.loadable(second, 2).loadBalancers).toEqual([])
})

test('what an agent that starts anew has to know is what was taken of those that are refused', () => {
  const held = new HeldBack([])
  held.took(first, first)
  expect(held.lasting()).toEqual([])
  held.refuse(newestOf(second), 'bad', 0)
  expect(held.lasting()).toEqual(first.loadBalancers)
  const other = viewOf([loadBalancerFact({ arn: 'other', key: 'load-balancer/other' }), listenerFact(80)])
  held.took(other, other)
  expect(held.lasting()).toEqual([])
})

test('one that is held back has no listener whose trust store nobody tells of any more', () => {
  const trustStore = { key: 'trust-store/t', kind: 'trust-store', arn: 't', certificates: 'PEM' } as const
  const mode = { mode: 'verify', trustStoreArn: 't', ignoresExpiry: false, advertisesNames: false } as const
  const verifying = usualFacts({ mutualAuthentication: mode })
  const told = viewOf([...verifying, { ...trustStore, revocations: [] }])
  const held = new HeldBack([])
  held.took(told, told)
  held.refuse(newestOf(second), 'bad', 0)
  expect(held.loadable({ ...second, trustStores: told.trustStores }, 1)).toEqual(told)
  expect(held.loadable(second, 1).loadBalancers).toMatchObject([{ listeners: [] }])
})
