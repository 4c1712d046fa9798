/** Which hosts this one speaks WireGuard with, in the words of `wg`. Pure. */
import { createHash } from 'node:crypto'
import { isIP, isIPv6 } from 'node:net'
import type { PeerFact } from '@berth/model'
import { isWireGuardKey } from './wireguard-keys.ts'

/** Of unique local addresses (RFC 4193): the five bytes of its number spell the project's name. */
const prefix = 'fd62:6572:7468'
const prefixLength = 48
export const wireGuardBlock = `${prefix}::/${prefixLength}`
const groupsOfKey = 5

/**
 * A host's address among those that speak WireGuard follows from its public key: nobody has to give addresses, hosts with
 * the same private address behind two NATs differ, and a key speaks for no other address.
 */
export const wireGuardAddress = (publicKey: string): string => {
  const digest = createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest()
  const groups = Array.from({ length: groupsOfKey }, (_, index) =>
    digest.readUInt16BE(index * 2).toString(16),
  )
  return new URL(`http://[${prefix}:${groups.join(':')}]`).hostname.slice(1, -1)
}

export const withPrefixLength = (address: string): string => `${address}/${prefixLength}`

/** `ADDRESS:PORT`, or `[ADDRESS]:PORT` of IPv6. Undefined when it is neither. */
export const parseEndpoint = (
  text: string,
): { readonly address: string; readonly port: number } | undefined => {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text) ?? []
  const address = bracketed ?? plain ?? ''
  const port = Number(digits)
  const isAddress = bracketed === undefined ? isIP(address) === 4 : isIPv6(address)
  return isAddress && port >= 1 && port <= 65_535 ? { address, port } : undefined
}

export const formatEndpoint = (address: string, port: number): string =>
  isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`

export interface WireGuardPeer {
  readonly publicKey: string
  /** None of one that is behind a NAT, and begins to speak by itself. */
  readonly endpoint?: string
}

/** Undefined when what is told is nothing that `wg` takes, which would then take none of the others. */
export const wireGuardPeer = ({ wireGuard }: PeerFact): WireGuardPeer | undefined => {
  if (wireGuard === undefined || !isWireGuardKey(wireGuard.publicKey)) return undefined
  const { endpoint } = wireGuard
  return endpoint !== undefined && parseEndpoint(endpoint) === undefined ? undefined : wireGuard
}

export interface WireGuardInterface {
  readonly privateKey: string
  readonly port: number
  /** Other hosts cannot begin to speak with this one: it keeps its NAT's way to them open. */
  readonly isBehindNat: boolean
}

/** A NAT forgets a way after 30 seconds and more. (wg(8): "a sensible interval that works with a wide variety of firewalls") */
const keepaliveSeconds = 25

const keepaliveOf = ({ isBehindNat }: WireGuardInterface, { endpoint }: WireGuardPeer): number =>
  isBehindNat && endpoint !== undefined ? keepaliveSeconds : 0

/** For `wg syncconf`: what it does not name goes, and conversations with the others stay. */
export const wireGuardConfiguration = (own: WireGuardInterface, peers: readonly WireGuardPeer[]): string =>
  [
    '[Interface]',
    `PrivateKey = ${own.privateKey}`,
    `ListenPort = ${own.port}`,
    ...peers.flatMap(peer => [
      '[Peer]',
      `PublicKey = ${peer.publicKey}`,
      `AllowedIPs = ${wireGuardAddress(peer.publicKey)}/128`,
      `PersistentKeepalive = ${keepaliveOf(own, peer)}`,
      ...(peer.endpoint === undefined ? [] : [`Endpoint = ${peer.endpoint}`]),
    ]),
    '',
  ].join('\n')

/** What is to be in `wg show NAME dump`, where endpoints are as they were heard last. */
const dumpOf = (own: WireGuardInterface, peers: readonly WireGuardPeer[]): readonly string[] => [
  `${own.privateKey} ${own.port}`,
  ...peers
    .map(
      peer => `${peer.publicKey} ${wireGuardAddress(peer.publicKey)}/128 ${keepaliveOf(own, peer) || 'off'}`,
    )
    .toSorted(),
]

const readDump = (dump: string): readonly string[] => {
  const [first = '', ...rest] = dump.trim().split('\n')
  const [privateKey, , port] = first.split('\t')
  const peers = rest.map(line => {
    const [publicKey, , , allowed, , , , keepalive] = line.split('\t')
    return `${publicKey} ${allowed} ${keepalive}`
  })
  return [`${privateKey} ${port}`, ...peers.toSorted()]
}

/** `dump`: as `wg show NAME dump` prints it. */
export const isAsConfigured = (
  dump: string,
  own: WireGuardInterface,
  peers: readonly WireGuardPeer[],
): boolean => readDump(dump).join('\n') === dumpOf(own, peers).join('\n')
