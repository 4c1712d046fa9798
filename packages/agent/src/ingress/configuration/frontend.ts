/** A listener, as the section of HAProxy's configuration that takes its connections. */
import type { ListenerFact, LoadBalancerFact } from '@berth/model'
import { withoutClaimsLine } from './authentication.ts'
import { encryptionOptions } from './encryption.ts'
import { chooseGroupLines, sharesOf } from './forwards.ts'
import { handoverBindLine, isReplaced, useSuccessorLine } from './handover.ts'
import { idleSeconds } from './idle-time.ts'
import type { JwtKeys } from './json-web-tokens.ts'
import type { IngressPlaces } from './places.ts'
import { answerHeaderLines, replacedHeaderLines, requestHeaderLines } from './request-headers.ts'
import { chosenGroupLines, type LeastHealthy, onlyGroup, onlyGroupLines, ruleLines } from './rules.ts'
import type { ChallengeAnswer } from './view.ts'
import { numberOf, sectionName, word } from './words.ts'

export interface FrontendParts {
  readonly places: IngressPlaces
  readonly keys: JwtKeys
  readonly leastHealthy: LeastHealthy
  readonly challenges: readonly ChallengeAnswer[]
  readonly hasRevocations: (trustStoreArn: string) => boolean
  /** That holds the load balancer's own interface. */
  readonly namespace: string | undefined
}

export const addressWithPort = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

/** In the host's network, and in its VPC, where it has an interface. */
const bindLines = (
  loadBalancer: LoadBalancerFact,
  listener: ListenerFact,
  parts: FrontendParts,
): string[] => {
  const isEncrypted = listener.protocol === 'HTTPS' || listener.protocol === 'TLS'
  const hasRevocations = parts.hasRevocations(listener.mutualAuthentication?.trustStoreArn ?? '')
  const encryption = isEncrypted
    ? encryptionOptions(listener, loadBalancer.attributes, parts.places, hasRevocations)
    : []
  const { frontAddress, interfaceAddress } = loadBalancer
  // The namespace may be there before the address is.
  const own = interfaceAddress &&
    parts.namespace && [interfaceAddress, 'namespace', parts.namespace, 'transparent']
  const binds = [[frontAddress], ...(own ? [own] : [])].map(([address = '', ...options]) =>
    [`bind ${addressWithPort(address, listener.port)}`, ...options, ...encryption].join(' '),
  )
  return [...binds, handoverBindLine(listener, parts.places)]
}

/** Before any rule: an authority asks whatever load balancer the name leads to. */
const challengeLine = ({ token, keyAuthorization }: ChallengeAnswer): string =>
  `http-request return status 200 content-type application/octet-stream string ${word(keyAuthorization)} if { path -m str ${word(`/.well-known/acme-challenge/${token}`)} }`

const httpLines = (
  loadBalancer: LoadBalancerFact,
  listener: ListenerFact,
  parts: FrontendParts,
): string[] => {
  const { choice, actions, transforms, backends } = ruleLines(listener, {
    ...parts,
    authenticationKeys: loadBalancer.authenticationKeys,
  })
  const idle = idleSeconds(loadBalancer)
  const keepSeconds = numberOf(loadBalancer.attributes, 'client_keep_alive.seconds', 3_600)
  return [
    'mode http',
    ...bindLines(loadBalancer, listener, parts),
    ...['client', 'http-request', 'http-keep-alive'].map(name => `timeout ${name} ${idle}s`),
    'tcp-request session set-var(sess.began) date',
    ...replacedHeaderLines(loadBalancer, listener),
    `http-request allow if ${isReplaced}`,
    ...parts.challenges.map(challengeLine),
    ...(loadBalancer.authenticationKeys ? [withoutClaimsLine] : []),
    ...choice,
    ...actions,
    ...requestHeaderLines(loadBalancer, listener),
    ...transforms,
    // Said with an answer: a connection never ends under a client's request.
    `http-after-response set-header Connection close if ${isReplaced} || { date,sub(sess.began) ge ${keepSeconds} }`,
    ...answerHeaderLines(listener),
    useSuccessorLine(listener),
    ...backends,
  ]
}

const tcpLines = (loadBalancer: LoadBalancerFact, listener: ListenerFact, parts: FrontendParts): string[] => {
  const only = onlyGroup(listener)
  const action = listener.rules.at(-1)?.actions.at(-1)
  const begin = [
    'mode tcp',
    ...bindLines(loadBalancer, listener, parts),
    `timeout client ${idleSeconds(loadBalancer, listener)}s`,
    useSuccessorLine(listener),
  ]
  if (only !== undefined) return [...begin, ...onlyGroupLines(only, parts.leastHealthy)]
  if (action?.type !== 'forward') return begin
  const forward = { type: action.type, targetGroups: action.targetGroups }
  const groups = sharesOf(forward).map(({ arn }) => arn)
  return [
    ...begin,
    ...chooseGroupLines(forward, 'tcp-request content', []),
    ...chosenGroupLines(groups, parts.leastHealthy),
  ]
}

/** The section's lines; none of a listener that takes datagrams only. */
export const frontendLines = (
  loadBalancer: LoadBalancerFact,
  listener: ListenerFact,
  parts: FrontendParts,
): string[] => {
  if (listener.protocol === 'UDP') return []
  const isHttp = listener.protocol === 'HTTP' || listener.protocol === 'HTTPS'
  const lines = (isHttp ? httpLines : tcpLines)(loadBalancer, listener, parts)
  return [`frontend ${sectionName(listener.arn)}`, ...lines.map(line => `  ${line}`)]
}
