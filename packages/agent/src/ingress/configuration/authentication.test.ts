import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IngressFact, IngressRule, OidcConfiguration } from '@berth/model'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { authenticationKeys } from '../authentication/authentication-fixtures.ts'
import { sessionKey } from '../authentication/derived-keys.ts'
import { oidcConfiguration } from '../authentication/identity-provider-fixture.ts'
import { forwardTo, ruleOf, usualFacts } from '../ingress-fixtures.ts'
import { haproxyFiles } from './configuration.ts'
import { placesIn } from './places.ts'
import { viewOf } from './view.ts'

const directory = mkdtempSync(join(tmpdir(), 'berth-haproxy-'))
afterAll(() => rmSync(directory, { recursive: true }))
const places = placesIn(directory)

/** One that HAProxy takes. */
const checkedText = (facts: readonly IngressFact[]): string => {
  const parts = { places, slots: () => [], namespace: () => undefined, keys: () => [] }
  const { configuration } = haproxyFiles(viewOf(facts), parts)
  writeFileSync(places.configuration, configuration)
  writeFileSync(places.serverState, '1\n')
  execFileSync('haproxy', ['-c', '-f', places.configuration], {
    stdio: 'pipe',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
  })
  return configuration
}

const linesOf = (facts: readonly IngressFact[]): string[] =>
  checkedText(facts)
    .split('\n')
    .map(line => line.trim())

const logInBy = (changes: Partial<OidcConfiguration> = {}): IngressRule =>
  ruleOf({ type: 'authenticate-oidc', configuration: oidcConfiguration(changes) }, forwardTo(['blue', 1]))

const blue = 'targetgroup.blue.73e2d6bc24d8a067'
const decisions =
  /^(use_backend (?!.*successor)|http-request (return|set-var\(txn\.(rule|login|group)\)|(set|del)-header (Berth|'\(|x-amzn)))/

describe('a listener that authenticates users', () => {
  it('hands over whom it does not know, before anything is rewritten, and what comes from identity providers', () => {
    const api: IngressRule = {
      ...logInBy({ onUnauthenticatedRequest: 'deny' }),
      conditions: [{ field: 'path-pattern', values: ['/api/*'], isRegex: false }],
      transforms: [{ type: 'url-rewrite', regex: '^/api', replace: '' }],
    }
    const facts = usualFacts({ rules: [api, ruleOf(forwardTo(['blue', 1]))] }, {}, { authenticationKeys })
    const lines = linesOf(facts)
    const isFor = (field: number) => `{ var(txn.session),field(${field},\\t),sub(txn.now) gt 0 }`
    const isApi = '{ var(txn.rule) -m int 0 }'
    const isHandedOver = '{ var(txn.rule) -m int 2 }'
    expect(lines.filter(line => decisions.test(line) && !line.includes('Berth-Encryption-Seen'))).toEqual([
      "http-request del-header '(?i)^x[-_]amzn[-_]oidc[-_]' -m reg",
      'http-request del-header Berth-Rule',
      'http-request del-header Berth-Session',
      'http-request set-var(txn.rule) int(2) if { path /oauth2/idpresponse }',
      'http-request set-var(txn.rule) int(0) if !{ var(txn.rule) -m found } rule0.0',
      `http-request set-var(txn.login) str(none) if ${isApi}`,
      `http-request set-var(txn.login) str(stale) if ${isApi} ${isFor(2)}`,
      `http-request set-var(txn.login) str(valid) if ${isApi} ${isFor(1)}`,
      ...[
        ['accesstoken', 4],
        ['identity', 3],
        ['data', 5],
      ].map(
        ([name, field]) =>
          `http-request set-header x-amzn-oidc-${name} %[var(txn.session),field(${field},\\t)] if ${isApi} { var(txn.login) -m str valid }`,
      ),
      `http-request return status 401 if ${isApi} { var(txn.login) -m str none }`,
      `http-request set-header Berth-Rule rule if ${isApi} { var(txn.login) -m str stale }`,
      `http-request set-header Berth-Session %[var(txn.login)] if ${isApi} { var(txn.login) -m str stale }`,
      `http-request set-var(txn.rule) int(2) if ${isApi} { var(txn.login) -m str stale }`,
      `http-request set-var(txn.group) str(${blue}) if ${isApi}`,
      `http-request set-var(txn.group) str(${blue}) if !{ var(txn.rule) -m found }`,
      `http-request set-header Berth-Listener arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/50dc6c495c0c9188/0000000000000050 if ${isHandedOver}`,
      `http-request set-header Berth-Host %[req.hdr(host)] if ${isHandedOver}`,
      `use_backend authentication if ${isHandedOver}`,
      'use_backend %[var(txn.group),concat(.open)] if { var(txn.group),nbsrv eq 0 }',
      'use_backend %[var(txn.group)] if { var(txn.group) -m found }',
    ])
    const positions = ['Berth-Host', 'X-Forwarded-For', 'set-pathq'].map(part =>
      lines.findIndex(line => line.includes(part)),
    )
    expect(positions).toEqual(positions.toSorted((left, right) => left - right))
  })

  it('decrypts sessions with the key of the identity provider’s client, and looks at the length of tags', () => {
    const lines = linesOf(usualFacts({ rules: [logInBy()] }, {}, { authenticationKeys }))
    const key = sessionKey(authenticationKeys.sessionSecret, oidcConfiguration()).toString('base64')
    expect(lines.filter(line => line.includes('aes_gcm_dec'))).toEqual([
      `http-request set-var(txn.session) var(txn.sealed),field(3,.),b64dec,aes_gcm_dec(256,txn.nonce,${key},txn.tag) if !{ var(txn.rule) -m found } { var(txn.nonce) -m reg ^[A-Za-z0-9+/]{16}$ } { var(txn.tag) -m reg ^[A-Za-z0-9+/]{22}==$ }`,
    ])
    expect(lines).toContain(`server agent unix@${places.loginSocket}`)
    expect(lines).toContain('tune.bufsize 65536')
  })

  it('answers 500 as long as the keys have not come', () => {
    const lines = linesOf(usualFacts({ rules: [logInBy({ onUnauthenticatedRequest: 'allow' })] }))
    expect(lines).toContain('http-request return status 500 if !{ var(txn.rule) -m found }')
    expect(lines.join()).not.toContain('aes_gcm_dec')
  })

  it('is one that HAProxy takes, whatever cookies and clients are called', () => {
    const name = fc.string({ minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(name, name, (sessionCookieName, clientId) => {
        checkedText(
          usualFacts({ rules: [logInBy({ sessionCookieName, clientId })] }, {}, { authenticationKeys }),
        )
      }),
      { numRuns: 20 },
    )
  })
})

describe('a host on which nobody is authenticated', () => {
  it('has neither the agent’s section nor larger buffers', () => {
    expect(checkedText(usualFacts())).not.toMatch(/authentication|bufsize|oidc/)
  })
})
