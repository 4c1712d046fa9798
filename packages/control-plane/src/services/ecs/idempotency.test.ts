import { expect, test } from 'vitest'
import { createMemoryJournal } from '../../journals/memory-journal.ts'
import { createStore } from '../../store/journaled-store.ts'
import { rememberCall, resourcesOfEarlierCall, type TokenUse } from './idempotency.ts'
import { clientTokenReconciler } from './reconcilers/client-token.ts'
import { clientTokens, expiryHour } from './tables/index.ts'

const hourMs = 3_600_000
const now = 1_800_000_000_000
const use: TokenUse = {
  operation: 'RunTask',
  clusterArn: 'arn:aws:ecs:us-east-1:111122223333:cluster/a',
  token: 'token',
  request: { clientToken: 'token', count: 1, overrides: { cpu: '1', memory: '2' } },
}
const made = ['arn:aws:ecs:us-east-1:111122223333:task/a/1']

const given = async () => {
  const store = createStore({
    tables: [clientTokens],
    histories: [],
    journal: createMemoryJournal(),
    freeze: true,
  })
  await store.load()
  store.update(tx => rememberCall(tx, use, made, now))
  return store
}

test('the same request with the same token finds what was made, whatever the order of its members', async () => {
  const store = await given()
  const request = { overrides: { memory: '2', cpu: '1' }, count: 1, clientToken: 'other' }
  expect(resourcesOfEarlierCall(store, { ...use, request }, now)).toEqual(made)
})

test('another request with the same token is a conflict', async () => {
  const store = await given()
  const other = { ...use, request: { count: 2 } }
  expect(() => resourcesOfEarlierCall(store, other, now)).toThrow(
    expect.objectContaining({ code: 'ConflictException', members: { resourceIds: made } }),
  )
})

test('another service with the same token is refused as CreateService refuses it', async () => {
  const store = await given()
  const service = { ...use, operation: 'CreateService' } as const
  store.update(tx => rememberCall(tx, service, made, now))
  expect(() => resourcesOfEarlierCall(store, { ...service, request: {} }, now)).toThrow(
    'Creation of service was not idempotent.',
  )
})

test('a token counts in its cluster and operation only, and for a day', async () => {
  const store = await given()
  expect(resourcesOfEarlierCall(store, { ...use, clusterArn: 'other' }, now)).toBeUndefined()
  expect(resourcesOfEarlierCall(store, { ...use, operation: 'CreateService' }, now)).toBeUndefined()
  expect(resourcesOfEarlierCall(store, use, now + 24 * hourMs - 1)).toEqual(made)
  expect(resourcesOfEarlierCall(store, use, now + 24 * hourMs)).toBeUndefined()
})

test('a call that made nothing leaves no token', async () => {
  const store = await given()
  store.update(tx => rememberCall(tx, { ...use, token: 'vain' }, [], now))
  expect([...store.all(clientTokens)]).toHaveLength(1)
})

test.each(['', 'a b', 'a'.repeat(65), 'ä'])('the token %j is refused', async token => {
  const store = await given()
  expect(() => resourcesOfEarlierCall(store, { ...use, token }, now)).toThrow(
    'clientToken must be 1 to 64 ASCII characters',
  )
})

test('expired tokens are deleted hour by hour', async () => {
  const store = await given()
  const [row] = store.all(clientTokens)
  const hour = row ? expiryHour(row) : ''
  const reconcile = (at: number) =>
    clientTokenReconciler.reconcile(store, hour, { now: at, randomHex: () => '' })
  const early = reconcile(now)
  expect(early.steps).toEqual([])
  expect(early.wakeAt).toBeGreaterThanOrEqual(now + 24 * hourMs)
  expect(reconcile(early.wakeAt ?? 0).steps).toMatchObject([{ kind: 'delete', id: row?.id }])
})
