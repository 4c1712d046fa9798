import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { IngressAction } from '@berth/model'
import { afterEach, describe, expect, it } from 'vitest'
import { forwardTo, listenerFact, ruleOf, targetFact } from './ingress-fixtures.ts'
import { ask, createWorlds, isHealthy } from './ingress-world.ts'
import { fetchText, rsaKeys } from './json-web-keys.ts'

const worlds = createWorlds()
afterEach(worlds.afterEach)

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const { privateKey: otherKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const published = JSON.stringify({
  keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig' }],
})

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const token = (claims: object, header: object = {}, key: KeyObject = privateKey): string => {
  const text = `${encoded({ alg: 'RS256', kid: 'k1', ...header })}.${encoded(claims)}`
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`
}

const now = Math.floor(Date.now() / 1_000)
const good = { iss: 'me', exp: now + 600, scope: 'read write', groups: ['a', 'b'], aud: 'shop' }

describe('a rule that asks for a token', () => {
  it('lets pass only what its issuer has signed, what is valid now and has the claims', async () => {
    const issuer = await worlds.target('issuer', (_, response) => {
      response.end(published)
      return true
    })
    const target = await worlds.target('blue')
    const validation: IngressAction = {
      type: 'jwt-validation',
      configuration: {
        jwksEndpoint: `http://127.0.0.1:${issuer.port}/keys`,
        issuer: 'me',
        additionalClaims: [
          { name: 'scope', format: 'space-separated-values', values: ['write'] },
          { name: 'groups', format: 'string-array', values: ['b'] },
          { name: 'aud', format: 'single-string', values: ['shop', 'bar'] },
        ],
      },
    }
    const { world, url } = worlds.given(
      targetFact('blue', target.port),
      listenerFact(80, { rules: [ruleOf(validation, forwardTo(['blue', 1]))] }),
    )
    await isHealthy(world, target)
    const status = async (bearer: string) =>
      (await ask(url, { headers: { authorization: `Bearer ${bearer}` } })).status
    await world.until(async () => (await status(token(good))) === 200)
    expect((await ask(url)).status).toBe(401)
    const refused = [
      token({ ...good, exp: now - 1 }),
      token({ ...good, nbf: now + 600 }),
      token({ ...good, iss: 'you' }),
      token({ ...good, scope: 'read writers' }),
      token({ ...good, groups: ['c'] }),
      token({ profile: { groups: ['b'] }, ...good, groups: ['c'] }),
      token({ ...good, groups: ['c', '"b"', ['b'], { groups: ['b'] }] }),
      token({ ...good, aud: 'other' }),
      token({ ...good, exp: undefined }),
      token(good, { kid: 'k2' }),
      token(good, { alg: 'none' }),
      token(good, { alg: 'HS256' }),
      token(good, {}, otherKey),
      'nonsense',
    ]
    expect(await Promise.all(refused.map(status))).toEqual(refused.map(() => 401))
    const more = { profile: { name: '}],"', tags: [[], {}, 1.5, null] }, empty: {}, ...good }
    expect(await status(token({ ...more, groups: [{ of: ['x'] }, 'a', 'b', 'c'], nbf: now - 1 }))).toBe(200)
  })
})

describe('a published set of keys', () => {
  it('is read no further than a set may be long', async () => {
    const issuer = await worlds.target('issuer', (_, response) => response.write('x'.repeat(200_000)) || true)
    await expect(fetchText(`http://127.0.0.1:${issuer.port}/keys`)).rejects.toThrow('too long')
  })

  it('is read for those that sign with RSA', () => {
    const { keys } = JSON.parse(published) as { keys: object[] }
    const others = [
      { kty: 'EC', kid: 'e' },
      { ...keys[0], kid: 'enc', use: 'enc' },
      { ...keys[0], kid: { not: 'a text' } },
      { ...keys[0], kid: 'two\nlines' },
    ]
    expect(rsaKeys(JSON.stringify({ keys: [...keys, ...others] })).map(({ id }) => id)).toEqual(['k1'])
    expect(() => rsaKeys('{}')).toThrow('no set of keys')
  })
})
