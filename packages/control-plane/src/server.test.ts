import { Gauge, Registry } from 'prom-client'
import { afterEach, expect, test } from 'vitest'
import type { ControlPlane } from './control-plane.ts'
import { BerthServer } from './server.ts'

const plane = {
  store: { incarnation: 'first' },
  gateway: { stop: () => undefined, pulls: [] },
  exec: { stop: () => undefined },
  authenticationPublicKey: (keyId: string) => (keyId === 'k1' ? 'PEM' : undefined),
  trustStoreFile: async (path: string) => (path.endsWith('/good') ? ['one\n', 'two\n'] : undefined),
  stop: async () => undefined,
} as unknown as ControlPlane

let server: BerthServer | undefined
afterEach(() => server?.stop())

const start = async (metrics: Registry, again: () => Promise<ControlPlane>) => {
  const faults: string[] = []
  let starts = 0
  server = await BerthServer.start({
    ...{ host: '127.0.0.1', port: 0, metrics, canReset: true, onlyFromHere: false },
    startControlPlane: async () => (starts++ === 0 ? plane : again()),
    onFault: (error, path) => faults.push(`${path}: ${(error as Error).message}`),
  })
  const send = (path: string, method: string) =>
    fetch(`http://127.0.0.1:${server?.port}${path}`, { method, headers: { connection: 'close' } })
  return { faults, send }
}

const refuse = async (): Promise<never> => {
  throw new Error('no')
}

test('what a path of its own cannot do is reported and answered with 500, and the server goes on', async () => {
  const metrics = new Registry()
  new Gauge({ name: 'broken', help: 'Throws', registers: [metrics], collect: refuse })
  const { faults, send } = await start(metrics, refuse)
  expect((await send('/metrics', 'GET')).status).toBe(500)
  expect((await send('/_berth/reset', 'POST')).status).toBe(500)
  expect(faults).toEqual(['/metrics: no', '/_berth/reset: no'])
  expect(await (await send('/_berth/pulls', 'GET')).json()).toEqual({ pulls: [] })
  const health = await send('/_berth/health', 'GET')
  expect(await health.json()).toMatchObject({ status: 'ok', incarnation: 'first' })
})

test('the public keys of load balancers are told to anybody', async () => {
  const { send } = await start(new Registry(), refuse)
  const answer = await send('/_berth/load-balancer-keys/k1', 'GET')
  expect([answer.status, await answer.text()]).toEqual([200, 'PEM'])
  expect((await send('/_berth/load-balancer-keys/k2', 'GET')).status).toBe(404)
})

test('files of trust stores are given to whoever has their URL, as S3 gives what is presigned', async () => {
  const { faults, send } = await start(new Registry(), refuse)
  const good = await send('/_berth/trust-stores/good', 'GET')
  expect([good.status, await good.text()]).toEqual([200, 'one\ntwo\n'])
  const late = await send('/_berth/trust-stores/late', 'GET')
  expect([late.status, await late.text()]).toEqual([
    403,
    '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
  ])
  expect(faults).toEqual([])
})
