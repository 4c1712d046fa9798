import type { PeerFact } from '@berth/model'
import { expect, test } from 'vitest'
import {
  isAsConfigured,
  parseEndpoint,
  wireGuardAddress,
  wireGuardConfiguration,
  wireGuardPeer,
} from './wireguard-peers.ts'

const keyOf = (byte: number): string => Buffer.alloc(32, byte).toString('base64')
const fact = (wireGuard: PeerFact['wireGuard']): PeerFact => ({
  key: 'peer/vpc-1/arn:host',
  kind: 'peer',
  vpcId: 'vpc-1',
  hostArn: 'arn:host',
  underlayAddress: '192.0.2.2',
  ...(wireGuard && { wireGuard }),
})

test('an address follows from a key, and no two keys have the same', () => {
  expect(wireGuardAddress(keyOf(1))).toMatch(/^fd62:6572:7468:[0-9a-f:]+$/)
  expect(wireGuardAddress(keyOf(1))).toBe(wireGuardAddress(keyOf(1)))
  expect(wireGuardAddress(keyOf(1))).not.toBe(wireGuardAddress(keyOf(2)))
})

test('an endpoint is an address and a port', () => {
  expect(parseEndpoint('192.0.2.1:51820')).toEqual({ address: '192.0.2.1', port: 51_820 })
  expect(parseEndpoint('[2001:db8::1]:1')).toEqual({ address: '2001:db8::1', port: 1 })
  for (const text of ['192.0.2.1', '192.0.2:1', '2001:db8::1:1', 'host:1', '192.0.2.1:0', '192.0.2.1:65536'])
    expect(parseEndpoint(text), text).toBeUndefined()
})

test('what a host tells that wg does not take keeps wg from none of the others', () => {
  const told = { publicKey: keyOf(1), endpoint: '192.0.2.1:1' }
  expect(wireGuardPeer(fact(told))).toEqual(told)
  expect(wireGuardPeer(fact({ publicKey: keyOf(1) }))).toEqual({ publicKey: keyOf(1) })
  expect(wireGuardPeer(fact({ publicKey: `${keyOf(1)}\n[Peer]` }))).toBeUndefined()
  expect(wireGuardPeer(fact({ ...told, endpoint: '192.0.2.1:1\nFwMark = 1' }))).toBeUndefined()
  expect(wireGuardPeer(fact(undefined))).toBeUndefined()
})

const peers = [{ publicKey: keyOf(2), endpoint: '192.0.2.2:51820' }, { publicKey: keyOf(3) }]
const own = { privateKey: keyOf(9), port: 51_820, isBehindNat: false }

test('a host behind a NAT keeps its ways to the others open', () => {
  const keepalives = (isBehindNat: boolean) =>
    wireGuardConfiguration({ ...own, isBehindNat }, peers).match(/PersistentKeepalive = \d+/g)
  expect(keepalives(false)).toEqual(['PersistentKeepalive = 0', 'PersistentKeepalive = 0'])
  expect(keepalives(true)).toEqual(['PersistentKeepalive = 25', 'PersistentKeepalive = 0'])
})

test('each key speaks for its own address alone', () => {
  expect(wireGuardConfiguration(own, peers).split('\n')).toEqual([
    '[Interface]',
    `PrivateKey = ${keyOf(9)}`,
    'ListenPort = 51820',
    '[Peer]',
    `PublicKey = ${keyOf(2)}`,
    `AllowedIPs = ${wireGuardAddress(keyOf(2))}/128`,
    'PersistentKeepalive = 0',
    'Endpoint = 192.0.2.2:51820',
    '[Peer]',
    `PublicKey = ${keyOf(3)}`,
    `AllowedIPs = ${wireGuardAddress(keyOf(3))}/128`,
    'PersistentKeepalive = 0',
    '',
  ])
})

test('what the kernel has is compared, but for endpoints, which it learns', () => {
  const line = (byte: number, allowed = wireGuardAddress(keyOf(byte))) =>
    [keyOf(byte), '(none)', '198.51.100.7:3', `${allowed}/128`, '0', '0', '0', 'off'].join('\t')
  const dump = (...lines: string[]) =>
    [[own.privateKey, keyOf(8), '51820', 'off'].join('\t'), ...lines, ''].join('\n')
  expect(isAsConfigured(dump(line(3), line(2)), own, peers)).toBe(true)
  expect(isAsConfigured(dump(line(2)), own, peers)).toBe(false)
  expect(isAsConfigured(dump(line(2), line(3), line(4)), own, peers)).toBe(false)
  expect(isAsConfigured(dump(line(2), line(3, 'fd00::1')), own, peers)).toBe(false)
  expect(isAsConfigured(dump(line(2), line(3)), { ...own, port: 4 }, peers)).toBe(false)
  expect(isAsConfigured(dump(line(2), line(3)), { ...own, privateKey: keyOf(7) }, peers)).toBe(false)
})
