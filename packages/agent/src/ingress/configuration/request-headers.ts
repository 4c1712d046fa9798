/** What a load balancer adds to requests and answers (AWS: HTTP headers and Application Load Balancers). */
import { createHash } from 'node:crypto'
import type { ListenerFact, LoadBalancerFact } from '@berth/model'
import { isFromClient, isReplaced } from './handover.ts'
import { isOn, literal, when, word } from './words.ts'

const forwardedFor = ({ attributes }: LoadBalancerFact): string[] => {
  const client = isOn(attributes, 'routing.http.xff_client_port.enabled') ? '%[src]:%[src_port]' : '%[src]'
  const header = 'X-Forwarded-For'
  switch (attributes['routing.http.xff_header_processing.mode']) {
    case 'preserve':
      return []
    case 'remove':
      return [`http-request del-header ${header}`]
    default:
      return [
        `http-request set-header ${header} '%[req.fhdr(${header})], ${client}' if { req.fhdr(${header}) -m found }`,
        `http-request set-header ${header} ${word(client)} unless { req.fhdr(${header}) -m found }`,
      ]
  }
}

/** A request that has an id keeps it (AWS: Request tracing for your Application Load Balancer). */
const traceId =
  "http-request set-header X-Amzn-Trace-Id 'Root=1-%[date,hex,bytes(8,8),lower]-%[uuid(),bytes(24,12)]%[uuid(),bytes(24,12)]' unless { req.fhdr(X-Amzn-Trace-Id) -m found }"

/** AWS calls a header with other characters than letters, digits and hyphens invalid. */
const dropInvalid = "http-request del-header '[^A-Za-z0-9-]' -m reg"

/** (AWS: Host header preservation) */
const hostWithPort = ({ port }: ListenerFact): string =>
  `http-request set-header Host '%[req.hdr(host)]:${port}' if { req.hdr(host) -m found } !{ req.hdr(host),port_only gt 0 }`

const nameOf = ({ attributes }: ListenerFact, key: string, fallback: string): string =>
  attributes[`routing.http.request.${key}.header_name`] || fallback

/** As PEM with AWS's encoding: everything but `+`, `=` and `/` is encoded as in a URL. */
const clientCertificate = String.raw`-----BEGIN%%20CERTIFICATE-----%%0A%[ssl_c_der,base64,regsub('(.{64})(?=.)','\1%0A',g)]%%0A-----END%%20CERTIFICATE-----%%0A`

/** HAProxy leaves the century away, which is this one: `260102030405Z`. */
const isoTime = (fetch: string): string =>
  String.raw`%[${fetch},regsub('^(..)(..)(..)(..)(..)(..)Z$','20\1-\2-\3T\4:\5:\6Z')]`

interface EncryptionHeaders {
  /** What a client says of these itself must not pass for what the load balancer has seen. */
  readonly names: readonly string[]
  readonly sent: readonly { readonly name: string; readonly value: string; readonly condition?: string }[]
}

/** (AWS: HTTP headers and mutual TLS) */
const mutualTlsHeaders = (listener: ListenerFact): EncryptionHeaders => {
  const mode = listener.mutualAuthentication?.mode ?? 'off'
  if (mode === 'off') return { names: [], sent: [] }
  const all = [
    ['x_amzn_mtls_clientcert', 'X-Amzn-Mtls-Clientcert', clientCertificate],
    ['x_amzn_mtls_clientcert_serial_number', 'X-Amzn-Mtls-Clientcert-Serial-Number', '%[ssl_c_serial,hex]'],
    ['x_amzn_mtls_clientcert_issuer', 'X-Amzn-Mtls-Clientcert-Issuer', '%[ssl_c_i_dn(,0,rfc2253)]'],
    ['x_amzn_mtls_clientcert_subject', 'X-Amzn-Mtls-Clientcert-Subject', '%[ssl_c_s_dn(,0,rfc2253)]'],
    [
      'x_amzn_mtls_clientcert_validity',
      'X-Amzn-Mtls-Clientcert-Validity',
      `NotBefore=${isoTime('ssl_c_notbefore')};NotAfter=${isoTime('ssl_c_notafter')}`,
    ],
    ['x_amzn_mtls_clientcert_leaf', 'X-Amzn-Mtls-Clientcert-Leaf', clientCertificate],
  ].map(([key = '', name = '', value = '']) => ({
    name: nameOf(listener, key, name),
    value,
    condition: '{ ssl_c_used }',
  }))
  return {
    names: all.map(({ name }) => name),
    sent: mode === 'passthrough' ? all.slice(0, 1) : all.slice(1),
  }
}

const tlsHeaders = (loadBalancer: LoadBalancerFact, listener: ListenerFact): EncryptionHeaders => {
  if (!isOn(loadBalancer.attributes, 'routing.http.x_amzn_tls_version_and_cipher_suite.enabled'))
    return { names: [], sent: [] }
  const sent = [
    { name: nameOf(listener, 'x_amzn_tls_version', 'X-Amzn-TLS-Version'), value: '%[ssl_fc_protocol]' },
    {
      name: nameOf(listener, 'x_amzn_tls_cipher_suite', 'X-Amzn-TLS-Cipher-Suite'),
      value: '%[ssl_fc_cipher]',
    },
  ]
  return { names: sent.map(({ name }) => name), sent }
}

const encryptionHeaders = (loadBalancer: LoadBalancerFact, listener: ListenerFact): EncryptionHeaders => {
  if (listener.protocol !== 'HTTPS') return { names: [], sent: [] }
  const [one, other] = [mutualTlsHeaders(listener), tlsHeaders(loadBalancer, listener)]
  return { names: [...one.names, ...other.names], sent: [...one.sent, ...other.sent] }
}

/** By which a worker that was replaced says which headers it has seen to. */
const seenHeader = 'Berth-Encryption-Seen'

const fingerprintOf = (headers: EncryptionHeaders): string =>
  createHash('sha256').update(JSON.stringify(headers)).digest('hex')

const removedLines = ({ names }: EncryptionHeaders, conditions: readonly string[]): string[] =>
  names.map(name => when(conditions, `http-request del-header ${word(name)}`))

const sentLines = ({ sent }: EncryptionHeaders, conditions: readonly string[]): string[] =>
  sent.map(({ name, value, condition }) =>
    when(
      [...conditions, ...(condition === undefined ? [] : [condition])],
      `http-request set-header ${word(name)} ${word(value)}`,
    ),
  )

/** Of a worker that was replaced: it alone knows of the client's own connection what its successor is to tell. */
export const replacedHeaderLines = (loadBalancer: LoadBalancerFact, listener: ListenerFact): string[] => {
  const headers = encryptionHeaders(loadBalancer, listener)
  const conditions = [isReplaced, isFromClient]
  return [
    ...removedLines(headers, conditions),
    ...sentLines(headers, conditions),
    when(conditions, `http-request set-header ${seenHeader} ${fingerprintOf(headers)}`),
  ]
}

/** What a worker before has seen to counts only if its listener did the same: otherwise it let pass what a client says of itself. */
const encryptionHeaderLines = (loadBalancer: LoadBalancerFact, listener: ListenerFact): string[] => {
  const headers = encryptionHeaders(loadBalancer, listener)
  const forget = `http-request del-header ${seenHeader}`
  if (headers.names.length === 0) return [forget]
  return [
    when([isFromClient], forget),
    ...removedLines(headers, [`!{ req.hdr(${seenHeader}) -m str ${fingerprintOf(headers)} }`]),
    ...sentLines(headers, [isFromClient]),
    forget,
  ]
}

export const requestHeaderLines = (loadBalancer: LoadBalancerFact, listener: ListenerFact): string[] => {
  const { attributes } = loadBalancer
  const isEncrypted = listener.protocol === 'HTTPS'
  const standardPort = listener.port === 80 || listener.port === 443
  return [
    ...(isOn(attributes, 'routing.http.drop_invalid_header_fields.enabled') ? [dropInvalid] : []),
    ...forwardedFor(loadBalancer),
    `http-request set-header X-Forwarded-Proto ${isEncrypted ? 'https' : 'http'}`,
    `http-request set-header X-Forwarded-Port ${listener.port}`,
    traceId,
    ...(standardPort || isOn(attributes, 'routing.http.preserve_host_header.enabled')
      ? []
      : [hostWithPort(listener)]),
    ...encryptionHeaderLines(loadBalancer, listener),
  ]
}

const added: Readonly<Record<string, string>> = {
  strict_transport_security: 'Strict-Transport-Security',
  access_control_allow_origin: 'Access-Control-Allow-Origin',
  access_control_allow_methods: 'Access-Control-Allow-Methods',
  access_control_allow_headers: 'Access-Control-Allow-Headers',
  access_control_allow_credentials: 'Access-Control-Allow-Credentials',
  access_control_expose_headers: 'Access-Control-Expose-Headers',
  access_control_max_age: 'Access-Control-Max-Age',
  content_security_policy: 'Content-Security-Policy',
  x_content_type_options: 'X-Content-Type-Options',
  x_frame_options: 'X-Frame-Options',
}

/** (AWS: HTTP header modification for your Application Load Balancer) */
export const answerHeaderLines = ({ attributes }: ListenerFact): string[] => [
  ...Object.entries(added).flatMap(([key, name]) => {
    const value = attributes[`routing.http.response.${key}.header_value`]
    return value ? [`http-after-response set-header ${name} ${word(literal(value))}`] : []
  }),
  ...(isOn(attributes, 'routing.http.response.server.enabled', true)
    ? []
    : ['http-after-response del-header Server']),
]
