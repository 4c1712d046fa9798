/** The authority that the operator has named, and the names that go to it. */
import { invalidParameter } from '../errors.ts'

export interface AcmeSettings {
  readonly directoryUrl: string
  /** `mailto:…`; undefined: none is told. */
  readonly contact: string | undefined
  /** By which the authority knows the operator; the key as base64url. (RFC 8555, 7.3.4) */
  readonly externalAccount: { readonly id: string; readonly key: string } | undefined
  /** The authorities (PEM) that its own certificate may be of; undefined: those that Node.js trusts. */
  readonly caFile: string | undefined
  /** Names in and below these go to it; empty: every name that the public can have. */
  readonly domains: readonly string[]
}

const isHttps = (text: string): boolean => URL.canParse(text) && new URL(text).protocol === 'https:'
const isDomain = (text: string): boolean => /^([a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}$/.test(text)
const isMail = (text: string): boolean => /^[^\s@,]+@[^\s@,]+$/.test(text)

const externalAccountOf = (
  id: string | undefined,
  key: string | undefined,
  refuse: (problem: string) => never,
): AcmeSettings['externalAccount'] => {
  if (!id && !key) return undefined
  if (!id || !key)
    return refuse('BERTH_ACME_EXTERNAL_ACCOUNT_ID and BERTH_ACME_EXTERNAL_ACCOUNT_KEY go together')
  // Never shown: it is a secret.
  if (!/^[A-Za-z0-9_-]+=*$/.test(key)) return refuse('BERTH_ACME_EXTERNAL_ACCOUNT_KEY must be base64url')
  return { id, key }
}

/** Of the variables `BERTH_ACME_…`; undefined: no authority is named. */
export const readAcmeSettings = (
  environment: Readonly<Record<string, string | undefined>>,
  refuse: (problem: string) => never,
): AcmeSettings | undefined => {
  const given = (name: string): string | undefined => environment[`BERTH_ACME_${name}`] || undefined
  const directoryUrl = given('DIRECTORY')
  if (directoryUrl === undefined) {
    const lost = ['CONTACT', 'EXTERNAL_ACCOUNT_ID', 'EXTERNAL_ACCOUNT_KEY', 'CA_BUNDLE', 'DOMAINS'].find(
      given,
    )
    return lost === undefined ? undefined : refuse(`BERTH_ACME_${lost} needs BERTH_ACME_DIRECTORY`)
  }
  if (!isHttps(directoryUrl)) refuse(`BERTH_ACME_DIRECTORY must be a URL of https, not ${directoryUrl}`)
  const contact = given('CONTACT')
  if (contact !== undefined && !isMail(contact))
    refuse(`BERTH_ACME_CONTACT must be a mail address, not ${contact}`)
  const domains = (given('DOMAINS') ?? '').split(',').map(domain => domain.trim().toLowerCase())
  const named = domains.filter(domain => domain !== '')
  const odd = named.find(domain => !isDomain(domain))
  if (odd !== undefined) refuse(`BERTH_ACME_DOMAINS must be domains, separated by commas, not ${odd}`)
  return {
    directoryUrl: new URL(directoryUrl).href,
    contact: contact && `mailto:${contact}`,
    externalAccount: externalAccountOf(given('EXTERNAL_ACCOUNT_ID'), given('EXTERNAL_ACCOUNT_KEY'), refuse),
    caFile: given('CA_BUNDLE'),
    domains: named,
  }
}

/** No authority certifies these for the public. (RFC 2606, 6761, 6762, 7686, 8375, and ICANN's `internal`) */
const privateSuffixes = [
  ...['alt', 'corp', 'example', 'home', 'home.arpa', 'internal', 'intranet', 'invalid'],
  ...['lan', 'local', 'localdomain', 'localhost', 'onion', 'private', 'test'],
]

const isIn = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`)

const goesToIt = ({ domains }: AcmeSettings, domainName: string): boolean => {
  const name = domainName.replace(/^\*\./, '')
  const isNamed = (list: readonly string[]) => list.some(domain => isIn(name, domain))
  return domains.length > 0 ? isNamed(domains) : !isNamed(privateSuffixes)
}

/**
 * Whether a certificate for the names (in lower case) is of the operator's authority, not of Berth's own. Throws
 * InvalidParameterException for names that no certificate can have together, and for wildcards, which HTTP cannot validate.
 */
export const isOfAcme = (settings: AcmeSettings | undefined, names: readonly string[]): boolean => {
  if (!settings) return false
  const [ours, theirs] = [
    names.find(name => !goesToIt(settings, name)),
    names.find(name => goesToIt(settings, name)),
  ]
  if (theirs === undefined) return false
  if (ours !== undefined)
    throw invalidParameter(
      `A certificate cannot be for ${theirs}, which goes to the authority that the server is set up for, and for ${ours}, which does not.`,
    )
  const wildcard = names.find(name => name.startsWith('*.'))
  if (wildcard !== undefined)
    throw invalidParameter(
      `${wildcard} is not supported: the server's authority validates names by HTTP, which wildcards cannot be.`,
    )
  return true
}
