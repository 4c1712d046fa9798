import { expect, it } from 'vitest'
import { readConfiguration } from './configuration.ts'

it('listens on loopback alone, in the account and region that local AWS tools expect, unless told otherwise', () => {
  expect(readConfiguration({})).toMatchObject({
    host: '127.0.0.1',
    port: 4566,
    accountId: '000000000000',
    region: 'us-east-1',
    inMemory: false,
    anyCredentials: false,
    lostAfterMs: { berth: 10_000, ecs: 150_000 },
    startGraceMs: { berth: 30_000, ecs: 150_000 },
    manifestMs: 60_000,
    loadBalancerAddresses: '127.10.0.0/16',
    acme: undefined,
    history: { stoppedTasks: { records: 100_000, ms: 0 }, serviceEvents: { records: 10_000, ms: 0 } },
  })
})

it('keeps history as long as it is told', () => {
  expect(
    readConfiguration({ BERTH_KEEP_STOPPED_TASKS: '0', BERTH_KEEP_SERVICE_EVENTS_DAYS: '30' }).history,
  ).toEqual({
    stoppedTasks: { records: 0, ms: 0 },
    serviceEvents: { records: 10_000, ms: 30 * 24 * 3_600_000 },
    serviceDeployments: { records: 1_000, ms: 90 * 24 * 3_600_000 },
  })
})

it.each([
  [{ BERTH_PORT: 'http' }, 'BERTH_PORT must be a whole number, not http.'],
  [{ BERTH_PORT: '70000' }, 'BERTH_PORT must be at most 65535, not 70000.'],
  [{ BERTH_ACCOUNT_ID: '12' }, 'BERTH_ACCOUNT_ID must not be 12.'],
  [{ BERTH_IN_MEMORY: 'maybe' }, 'BERTH_IN_MEMORY must be true or false, not maybe.'],
  [
    { BERTH_IPV6_ADDRESSES: '2001:db8::/64' },
    'BERTH_IPV6_ADDRESSES must be a block from /16 to /56, not 2001:db8::/64.',
  ],
  [
    { BERTH_LOAD_BALANCER_ADDRESSES: '10.0.0.0/28,localhost' },
    'BERTH_LOAD_BALANCER_ADDRESSES must be blocks such as 10.0.0.0/28, not 10.0.0.0/28,localhost.',
  ],
  [
    { BERTH_ROOT_ACCESS_KEY_ID: 'A' },
    'BERTH_ROOT_ACCESS_KEY_ID and BERTH_ROOT_SECRET_ACCESS_KEY go together.',
  ],
  [
    { BERTH_INSECURE_ANY_CREDENTIALS: 'true', BERTH_HOST: '0.0.0.0' },
    '--insecure-any-credentials works on loopback only, and the host is 0.0.0.0.',
  ],
])('refuses %j with a sentence', (environment, message) => {
  expect(() => readConfiguration(environment)).toThrow(message)
})
