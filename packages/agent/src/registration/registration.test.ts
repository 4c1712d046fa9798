import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createManualClock } from '../clock.ts'
import { silentLog } from '../log.ts'
import { createMemoryStateStore } from '../state/state-store.ts'
import {
  createRegistration,
  InstanceUnknown,
  type Registration,
  RegistrationRefused,
} from './registration.ts'

const arn = 'arn:aws:ecs:us-east-1:000000000000:container-instance/default/1'

describe('the registration', () => {
  let server: Server
  let registration: Registration
  /** Undefined: the control plane is stalled, and answers nothing. */
  let answer: { readonly statusCode: number; readonly body: object } | undefined
  let serverAheadMs = 0
  const clock = createManualClock()
  const store = createMemoryStateStore()

  beforeEach(async () => {
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        if (!answer) return
        response.writeHead(answer.statusCode, {
          'content-type': 'application/x-amz-json-1.1',
          date: new Date(Date.now() + serverAheadMs).toUTCString(),
        })
        response.end(JSON.stringify(answer.body))
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    store.setSetting('containerInstanceArn', arn)
    registration = createRegistration({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      cluster: 'default',
      clock,
      store,
      log: silentLog,
      newId: () => 'token',
      request: {},
      requestHandler: { requestTimeout: 200, throwOnRequestTimeout: true },
    })
  })
  afterEach(() => {
    registration.close()
    server.close()
    server.closeAllConnections()
  })

  it('signs by the time of the control plane when it is refused for a wrong clock, and tries again', async () => {
    serverAheadMs = 3_600_000
    answer = { statusCode: 400, body: { __type: 'InvalidSignatureException', message: 'Signature expired' } }
    const registering = registration.register()
    await vi.waitUntil(() => registration.signingClock.now() > clock.now() + 3_500_000)
    answer = { statusCode: 200, body: { containerInstance: { containerInstanceArn: arn } } }
    await vi.waitUntil(async () => {
      await clock.advance(250)
      return Promise.race([registering, false])
    })
    expect(await registering).toEqual({ cluster: 'default', containerInstanceArn: arn })
  })

  it('gives up when its key is refused at the right time', async () => {
    serverAheadMs = 0
    answer = { statusCode: 400, body: { __type: 'InvalidSignatureException', message: 'mismatch' } }
    await expect(registration.register()).rejects.toThrow(RegistrationRefused)
  })

  it('knows where to hold the session', async () => {
    answer = { statusCode: 200, body: { endpoint: 'http://127.0.0.1:1/acs' } }
    expect((await registration.pollEndpoint()).href).toBe('http://127.0.0.1:1/acs')
  })

  it('waits no longer than its limit for a control plane that is stalled', async () => {
    answer = undefined
    await expect(registration.pollEndpoint()).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it('keeps the instance when only the key is refused', async () => {
    answer = { statusCode: 400, body: { __type: 'UnrecognizedClientException', message: 'Invalid token.' } }
    await expect(registration.register()).rejects.toBeInstanceOf(RegistrationRefused)
    expect(store.setting('containerInstanceArn')).toBe(arn)
  })

  it('says when the control plane has never heard of the instance, and only then', async () => {
    const refusals = [
      [{ __type: 'ClientException', message: 'Referenced container instance 1 not found.' }, true],
      [{ __type: 'ClusterNotFoundException', message: 'Cluster not found.' }, false],
      [{ __type: 'ServerException', message: 'The server is stopping.' }, false],
    ] as const
    for (const [body, isUnknown] of refusals) {
      answer = { statusCode: 400, body }
      const error = await registration.pollEndpoint().catch(caught => caught)
      expect(error).toBeInstanceOf(Error)
      expect(error instanceof InstanceUnknown).toBe(isUnknown)
    }
    expect(store.setting('containerInstanceArn')).toBe(arn)
    registration.forget()
    expect(store.setting('containerInstanceArn')).toBe('')
  })
})
