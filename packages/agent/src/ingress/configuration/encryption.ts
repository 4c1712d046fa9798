/** How a listener decrypts (AWS: Security policies; Mutual authentication with TLS). */
import type { CertificateFact, ListenerFact } from '@berth/model'
import type { IngressPlaces } from './places.ts'
import type { TrustStore } from './view.ts'
import { isOn } from './words.ts'

const forwardSecret =
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384'
const olderForwardSecret =
  'ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384'
const oldestForwardSecret =
  'ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA'
const withoutForwardSecrecy = 'AES128-GCM-SHA256:AES128-SHA256:AES256-GCM-SHA384:AES256-SHA256'
const oldest = 'AES128-SHA:AES256-SHA'

interface Policy {
  readonly least: '1.0' | '1.1' | '1.2' | '1.3'
  readonly most: '1.2' | '1.3'
  readonly ciphers: readonly string[]
}

const strength: Readonly<Record<string, readonly string[]>> = {
  Res: [forwardSecret],
  Ext0: [forwardSecret, olderForwardSecret, oldestForwardSecret],
  Ext1: [forwardSecret, olderForwardSecret, withoutForwardSecrecy],
  Ext2: [forwardSecret, olderForwardSecret, oldestForwardSecret, withoutForwardSecrecy, oldest],
}
const everything = strength['Ext2'] ?? []

const older: Readonly<Record<string, Policy>> = {
  'ELBSecurityPolicy-TLS-1-2-2017-01': { least: '1.2', most: '1.2', ciphers: strength['Ext1'] ?? [] },
  'ELBSecurityPolicy-TLS-1-2-Ext-2018-06': { least: '1.2', most: '1.2', ciphers: everything },
  'ELBSecurityPolicy-TLS-1-1-2017-01': { least: '1.1', most: '1.2', ciphers: everything },
  'ELBSecurityPolicy-FS-2018-06': { least: '1.0', most: '1.2', ciphers: strength['Ext0'] ?? [] },
  'ELBSecurityPolicy-FS-1-1-2019-08': { least: '1.1', most: '1.2', ciphers: strength['Ext0'] ?? [] },
  'ELBSecurityPolicy-FS-1-2-2019-08': { least: '1.2', most: '1.2', ciphers: strength['Ext0'] ?? [] },
  'ELBSecurityPolicy-FS-1-2-Res-2019-08': {
    least: '1.2',
    most: '1.2',
    ciphers: [forwardSecret, olderForwardSecret],
  },
  'ELBSecurityPolicy-FS-1-2-Res-2020-10': { least: '1.2', most: '1.2', ciphers: [forwardSecret] },
}

/** What an `ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06` allows: its name says it. One unknown is the oldest default. */
export const policyOf = (name: string): Policy => {
  const [, minor = '', grade = ''] = /^ELBSecurityPolicy-TLS13-1-(\d)(?:-(Res|Ext\d))?-/.exec(name) ?? []
  if (minor !== '') {
    const least = `1.${minor}` as Policy['least']
    if (grade !== '') return { least, most: '1.3', ciphers: strength[grade] ?? everything }
    return { least, most: '1.3', ciphers: least < '1.2' ? everything : [forwardSecret, olderForwardSecret] }
  }
  return older[name] ?? { least: '1.0', most: '1.2', ciphers: everything }
}

const alpnOf = (listener: ListenerFact, hasHttp2: boolean): string[] => {
  if (listener.protocol === 'HTTPS') return ['alpn', hasHttp2 ? 'h2,http/1.1' : 'http/1.1']
  const byPolicy: Readonly<Record<string, string>> = {
    HTTP1Only: 'http/1.1',
    HTTP2Only: 'h2',
    HTTP2Optional: 'http/1.1,h2',
    HTTP2Preferred: 'h2,http/1.1',
  }
  const alpn = byPolicy[listener.alpnPolicy ?? 'None']
  return alpn === undefined ? [] : ['alpn', alpn]
}

/** OpenSSL's names: X509_V_ERR_… */
const ignored = {
  expired: 10,
  /** Of an authority: the trust store need not have lists of all of them. */
  noRevocationList: 3,
  /** What a list that is past its next update has revoked stays revoked. */
  oldRevocationList: 12,
} as const

const clientVerification = (
  listener: ListenerFact,
  places: IngressPlaces,
  hasRevocations: boolean,
): string[] => {
  const { mutualAuthentication } = listener
  if (!mutualAuthentication || mutualAuthentication.mode === 'off') return []
  // HAProxy asks no client for a certificate without authorities of its own; that it does not know the client's is ignored.
  if (mutualAuthentication.mode === 'passthrough')
    return ['verify', 'optional', 'ca-file', '@system-ca', 'crt-ignore-err', 'all', 'ca-ignore-err', 'all']
  const { trustStoreArn = '', ignoresExpiry, advertisesNames } = mutualAuthentication
  const ignoredOfAll = hasRevocations ? [ignored.noRevocationList, ignored.oldRevocationList] : []
  const ignoredOfClient = [...(ignoresExpiry ? [ignored.expired] : []), ...ignoredOfAll]
  return [
    ...['verify', 'required', 'ca-file', places.trustStore(trustStoreArn)],
    ...(hasRevocations ? ['crl-file', places.revocations(trustStoreArn)] : []),
    ...(ignoredOfClient.length > 0 ? ['crt-ignore-err', ignoredOfClient.join()] : []),
    ...(ignoredOfAll.length > 0 ? ['ca-ignore-err', ignoredOfAll.join()] : []),
    ...(advertisesNames ? [] : ['no-ca-names']),
  ]
}

export const asksClients = ({ mutualAuthentication }: ListenerFact): boolean =>
  mutualAuthentication !== undefined && mutualAuthentication.mode !== 'off'

/** HAProxy remembers sessions for all listeners together: by one of another listener a client would come in unverified. */
export const askingTuningLines = ['  tune.ssl.cachesize 0']

/** What follows `bind ADDRESS` of a listener that decrypts. */
export const encryptionOptions = (
  listener: ListenerFact,
  attributes: Readonly<Record<string, string>>,
  places: IngressPlaces,
  hasRevocations: boolean,
): string[] => {
  const { least, most, ciphers } = policyOf(listener.sslPolicy ?? '')
  // OpenSSL refuses what is older than TLS 1.2 at its usual level of security.
  const level = least < '1.2' ? ':@SECLEVEL=0' : ''
  return [
    ...['ssl', 'crt-list', places.certificateList(listener.arn)],
    ...['ssl-min-ver', `TLSv${least}`, 'ssl-max-ver', `TLSv${most}`, 'ciphers', ciphers.join(':') + level],
    ...alpnOf(listener, isOn(attributes, 'routing.http2.enabled', true)),
    ...clientVerification(listener, places, hasRevocations),
    // Each connection shows its certificate anew. (AWS: Mutual authentication with TLS: no session resumption)
    ...(asksClients(listener) ? ['no-tls-tickets'] : []),
  ]
}

/** Key, certificate and chain in one file, as HAProxy reads it. */
export const certificateText = ({ certificate, chain, privateKey }: CertificateFact): string =>
  [certificate, chain, privateKey]
    .map(pem => pem.trim())
    .filter(Boolean)
    .map(pem => `${pem}\n`)
    .join('')

/** The first is presented to clients that name none of them. */
export const certificateListText = (listener: ListenerFact, places: IngressPlaces): string =>
  listener.certificateArns.map(arn => `${places.certificate(arn)}\n`).join('')

export const trustStoreText = ({ certificates }: TrustStore): string => `${certificates.trim()}\n`

export const revocationsText = ({ revocations }: TrustStore): string =>
  revocations.map(pem => `${pem.trim()}\n`).join('')
