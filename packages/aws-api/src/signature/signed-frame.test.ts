import { expect, test } from 'vitest'
import { findSigningKey, identity, secretAccessKey, signed, signedAt } from '../fixtures/signed-request.ts'
import { verifySignedFrame } from './signed-frame.ts'

const options = { findSigningKey, now: () => signedAt }
const upgrade = { url: '/ws?agentVersion=1.105.1&dockerVersion=20.10.24%2Bdfsg1', sourceAddress: '127.0.0.1' }
const json = '{"type":"PublishMetricsRequest","message":{"text":"ä\\r\\n\\r\\n"}}'

async function makeFrame(body = json, secret = secretAccessKey): Promise<string> {
  const query = { agentVersion: '1.105.1', dockerVersion: '20.10.24+dfsg1' }
  const unsignable = ['x-amz-content-sha256']
  const { headers } = await signed({ method: 'GET', path: '/ws', query, body }, { secret, unsignable })
  const lines = [
    `Authorization: ${headers['authorization']}`,
    `Host: ${headers['host']}`,
    `X-Amz-Date: ${headers['x-amz-date']}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

test('a signed frame gives its JSON and its signer', async () => {
  const { message, signer } = verifySignedFrame(await makeFrame(), upgrade, options)
  expect(message).toBe(json)
  expect(signer).toMatchObject({ identity, service: 'ecs' })
})

test('a frame whose JSON was changed, or that was made for another URL, is refused', async () => {
  const frame = await makeFrame()
  const refused = expect.objectContaining({ code: 'InvalidSignatureException' })
  expect(() => verifySignedFrame(frame.replace('Metrics', 'Health'), upgrade, options)).toThrow(refused)
  expect(() => verifySignedFrame(frame, { ...upgrade, url: '/ws?agentVersion=1' }, options)).toThrow(refused)
})

test('a frame signed with another secret is refused', async () => {
  const frame = await makeFrame(json, 'other')
  expect(() => verifySignedFrame(frame, upgrade, options)).toThrow('does not match')
})

test('a frame without signature, or without header block, is refused', async () => {
  expect(() => verifySignedFrame(json, upgrade, options)).toThrow('header block')
  expect(() => verifySignedFrame(`Host: x\r\n\r\n${json}`, upgrade, options)).toThrow(
    'Missing Authentication Token',
  )
  const frame = await makeFrame()
  expect(() => verifySignedFrame(`Host: x\r\n${frame}`, upgrade, options)).toThrow(
    'unknown or repeated header',
  )
  expect(() => verifySignedFrame(`Cookie: x\r\n${frame}`, upgrade, options)).toThrow(
    'unknown or repeated header',
  )
})
