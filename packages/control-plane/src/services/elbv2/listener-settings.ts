/** What a listener is, from what is given and what it was before. (AWS: CreateListener, ModifyListener) */
import type {
  CreateListenerInput,
  MutualAuthenticationAttributes,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { type CertificatePlace, givenCertificates } from './certificates.ts'
import { checkRange, elbError, invalidConfiguration, notSupported, validationError } from './errors.ts'
import { rowOf, trustStoreKind } from './references.ts'
import { defaultSslPolicy, sslPolicies } from './ssl-policies.ts'
import type { ListenerRow, LoadBalancerRow, MutualAuthentication } from './tables/index.ts'

export type ListenerSettings = Pick<
  ListenerRow,
  'port' | 'protocol' | 'sslPolicy' | 'certificateArns' | 'alpnPolicy' | 'mutualAuthentication'
>

type Given = Partial<
  Pick<
    CreateListenerInput,
    'Port' | 'Protocol' | 'SslPolicy' | 'Certificates' | 'AlpnPolicy' | 'MutualAuthentication'
  >
>

export interface SettingsPlace extends CertificatePlace {
  readonly loadBalancer: LoadBalancerRow
}

const protocols = {
  application: ['HTTP', 'HTTPS'],
  network: ['TCP', 'TLS', 'UDP', 'TCP_UDP'],
} as const

const protocolOf = (
  { Protocol }: Given,
  { type }: LoadBalancerRow,
  before: ListenerSettings | undefined,
): ListenerRow['protocol'] => {
  const given = Protocol ?? before?.protocol
  if (given === undefined) throw validationError('A protocol must be specified')
  if (given === 'QUIC' || given === 'TCP_QUIC' || given === 'GENEVE')
    throw notSupported(`The protocol '${given}'`)
  const known = protocols[type].find(protocol => protocol === given)
  if (!known) throw validationError(`Protocol '${given}' must be one of '${protocols[type].join(', ')}'`)
  return known
}

const alpnPolicies = ['HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred', 'None'] as const

const alpnOf = (
  { AlpnPolicy }: Given,
  protocol: ListenerRow['protocol'],
  before: ListenerSettings | undefined,
): ListenerRow['alpnPolicy'] => {
  if (AlpnPolicy?.length && protocol !== 'TLS')
    throw invalidConfiguration(`ALPN policies are not supported for ${protocol} listeners`)
  if (protocol !== 'TLS') return undefined
  if (AlpnPolicy === undefined) return before?.alpnPolicy
  if (AlpnPolicy.length > 1) throw validationError('Only one ALPN policy can be specified')
  const [given] = AlpnPolicy
  const known = alpnPolicies.find(policy => policy === given)
  if (given !== undefined && !known)
    throw elbError('ALPNPolicyNotFound', `ALPN policy '${given}' is not supported`)
  return known
}

const modes = ['off', 'passthrough', 'verify'] as const

const verified = (
  { view, scope }: SettingsPlace,
  given: MutualAuthenticationAttributes,
): MutualAuthentication => {
  if (given.TrustStoreArn === undefined)
    throw validationError("A trust store must be specified for mutual authentication mode 'verify'")
  const { id } = rowOf(view, scope, trustStoreKind, given.TrustStoreArn)
  return {
    mode: 'verify',
    trustStoreArn: id,
    ignoresExpiry: given.IgnoreClientCertificateExpiry ?? false,
    advertisesNames: given.AdvertiseTrustStoreCaNames === 'on',
  }
}

const mutualOf = (
  place: SettingsPlace,
  { MutualAuthentication: given }: Given,
  protocol: ListenerRow['protocol'],
  before: ListenerSettings | undefined,
): MutualAuthentication | undefined => {
  if (protocol !== 'HTTPS') {
    if (given && given.Mode !== 'off')
      throw invalidConfiguration(`Mutual authentication is not supported for ${protocol} listeners`)
    return undefined
  }
  if (!given) return before?.mutualAuthentication ?? { mode: 'off' }
  const mode = modes.find(known => known === (given.Mode ?? 'off'))
  if (!mode)
    throw validationError(`Mutual authentication mode '${given.Mode}' must be one of '${modes.join(', ')}'`)
  if (mode === 'verify') return verified(place, given)
  if (given.TrustStoreArn || given.IgnoreClientCertificateExpiry || given.AdvertiseTrustStoreCaNames === 'on')
    throw validationError(`Mutual authentication mode '${mode}' has no trust store`)
  return { mode }
}

const sslPolicyOf = ({ SslPolicy }: Given, before: ListenerSettings | undefined): string => {
  const policy = SslPolicy ?? before?.sslPolicy ?? defaultSslPolicy
  if (!Object.hasOwn(sslPolicies, policy))
    throw elbError('SSLPolicyNotFound', `SSL policy '${policy}' not found`)
  return policy
}

/** The default certificate, and behind it those of before that are chosen by SNI. */
const certificatesOf = (
  place: SettingsPlace,
  { Certificates }: Given,
  protocol: ListenerRow['protocol'],
  before: ListenerSettings | undefined,
): readonly string[] => {
  const [first, ...others] = givenCertificates(place, Certificates)
  if (others.length > 0)
    throw elbError('TooManyCertificates', 'Exactly one default certificate can be specified')
  const [usual, ...rest] = before?.certificateArns ?? []
  const chosen = first ?? usual
  if (chosen === undefined) throw validationError(`A certificate must be specified for ${protocol} listeners`)
  return [chosen, ...rest]
}

/** `before` is absent of a new listener. */
export const listenerSettings = (
  place: SettingsPlace,
  given: Given,
  before?: ListenerSettings,
): ListenerSettings => {
  const protocol = protocolOf(given, place.loadBalancer, before)
  const port = given.Port ?? before?.port
  if (port === undefined) throw validationError('A port must be specified')
  checkRange('port', port, 1, 65_535)
  const alpnPolicy = alpnOf(given, protocol, before)
  const mutualAuthentication = mutualOf(place, given, protocol, before)
  const shared = {
    port,
    protocol,
    ...(alpnPolicy !== undefined && { alpnPolicy }),
    ...(mutualAuthentication && { mutualAuthentication }),
  }
  if (protocol === 'HTTPS' || protocol === 'TLS')
    return {
      ...shared,
      sslPolicy: sslPolicyOf(given, before),
      certificateArns: certificatesOf(place, given, protocol, before),
    }
  if (given.Certificates?.length)
    throw validationError(`Certificates cannot be specified for ${protocol} listeners`)
  if (given.SslPolicy !== undefined)
    throw validationError(`An SSL policy cannot be specified for ${protocol} listeners`)
  return { ...shared, certificateArns: [] }
}
