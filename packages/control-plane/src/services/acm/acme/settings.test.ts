import { describe, expect, it } from 'vitest'
import { isOfAcme, readAcmeSettings } from './settings.ts'

const read = (more: Readonly<Record<string, string>> = {}) =>
  readAcmeSettings({ BERTH_ACME_DIRECTORY: 'https://acme.example/directory', ...more }, problem => {
    throw new Error(problem)
  })

describe('the settings of the authority', () => {
  it('are none without a directory, and then nothing else may be set', () => {
    const refuse = (problem: string): never => {
      throw new Error(problem)
    }
    expect(readAcmeSettings({}, refuse)).toBeUndefined()
    expect(() => readAcmeSettings({ BERTH_ACME_DOMAINS: 'example.com' }, refuse)).toThrow(
      'BERTH_ACME_DOMAINS needs BERTH_ACME_DIRECTORY',
    )
  })

  it('are read from the environment', () => {
    const settings = read({
      BERTH_ACME_CONTACT: 'ops@example.com',
      BERTH_ACME_EXTERNAL_ACCOUNT_ID: 'kid-1',
      BERTH_ACME_EXTERNAL_ACCOUNT_KEY: 'zWNDZM6eQGHW',
      BERTH_ACME_CA_BUNDLE: '/etc/ca.pem',
      BERTH_ACME_DOMAINS: 'Example.com, example.org',
    })
    expect(settings).toEqual({
      directoryUrl: 'https://acme.example/directory',
      contact: 'mailto:ops@example.com',
      externalAccount: { id: 'kid-1', key: 'zWNDZM6eQGHW' },
      caFile: '/etc/ca.pem',
      domains: ['example.com', 'example.org'],
    })
  })

  it.each([
    [{ BERTH_ACME_DIRECTORY: 'http://acme.example' }, 'must be a URL of https'],
    [{ BERTH_ACME_CONTACT: 'nobody' }, 'must be a mail address'],
    [{ BERTH_ACME_EXTERNAL_ACCOUNT_ID: 'kid-1' }, 'go together'],
    [
      { BERTH_ACME_EXTERNAL_ACCOUNT_ID: 'kid-1', BERTH_ACME_EXTERNAL_ACCOUNT_KEY: 'no key' },
      'must be base64url',
    ],
    [{ BERTH_ACME_DOMAINS: '*.example.com' }, 'must be domains'],
  ])('are refused when they are wrong: %j', (more, words) => {
    expect(() => read(more)).toThrow(words)
  })
})

describe("a certificate is of the operator's authority", () => {
  it.each([
    ['shop.example.com', true],
    ['example.com', true],
    ['db.internal', false],
    ['web.home.arpa', false],
    ['a.test', false],
  ])('for every name that the public can have: %s: %s', (name, expected) => {
    expect(isOfAcme(read(), [name])).toBe(expected)
  })

  it.each([
    ['shop.example.com', true],
    ['notexample.com', false],
    ['db.corp', true],
  ])('for names in the domains that the operator has named, and no others: %s: %s', (name, expected) => {
    expect(isOfAcme(read({ BERTH_ACME_DOMAINS: 'example.com,corp' }), [name])).toBe(expected)
  })

  it('never where none is named', () => {
    expect(isOfAcme(undefined, ['shop.example.com', '*.example.com'])).toBe(false)
  })
})
