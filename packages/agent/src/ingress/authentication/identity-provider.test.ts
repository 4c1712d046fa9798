import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { IdentityProvider } from './identity-provider.ts'
import { oidcConfiguration, startIdentityProvider } from './identity-provider-fixture.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const selfSigned = () => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-idp-'))
  stops.push(() => rmSync(directory, { recursive: true }))
  const files = ['-keyout', 'key.pem', '-out', 'cert.pem']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const names = ['-subj', '/CN=idp', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', ['req', '-x509', ...curve, ...names, ...files], { cwd: directory, stdio: 'pipe' })
  const read = (name: string) => readFileSync(join(directory, name), 'utf8')
  return { key: read('key.pem'), cert: read('cert.pem') }
}

it('An identity provider is told no secret when no authority vouches for its certificate', async () => {
  const idp = await startIdentityProvider(selfSigned())
  stops.push(() => idp.close())
  const { issuer } = idp
  const provider = new IdentityProvider(
    oidcConfiguration({ issuer, tokenEndpoint: `${issuer}/token` }),
    fetch,
  )
  await expect(provider.renewedTokens('refresh', 'ann')).rejects.toMatchObject({
    status: 500,
    reason: 'AuthTokenEpRequestTimeout',
    message: expect.stringMatching(/^the token endpoint is not reached: self-signed certificate/),
  })
  expect(idp.asked).toEqual([])
})

it('An identity provider is waited for no longer than five seconds', async () => {
  const idp = await startIdentityProvider()
  stops.push(() => idp.close())
  const isOver = new AbortController()
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(isOver.signal)
  stops.push(() => timeout.mockRestore())
  idp.behaviour.answer = () => {
    isOver.abort(new Error('it takes too long'))
    return true
  }
  const provider = new IdentityProvider(oidcConfiguration(), idp.fetch)
  await expect(provider.renewedTokens('refresh', 'ann')).rejects.toMatchObject({ status: 500 })
  expect(timeout).toHaveBeenCalledWith(5_000)
})

it('An identity provider that sends elsewhere is not followed', async () => {
  const idp = await startIdentityProvider()
  stops.push(() => idp.close())
  idp.behaviour.answer = (path, response) => {
    if (path !== '/token') return false
    response.writeHead(307, { location: 'https://idp.example/elsewhere' }).end()
    return true
  }
  const provider = new IdentityProvider(oidcConfiguration(), idp.fetch)
  await expect(provider.renewedTokens('refresh', 'ann')).rejects.toMatchObject({
    status: 561,
    message: 'the token endpoint answers with 307',
  })
})
