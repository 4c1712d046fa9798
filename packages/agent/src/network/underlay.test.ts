import type { PeerFact } from '@berth/model'
import { expect, test } from 'vitest'
import { carriesIpv6, hostsApart, overlayMtu, reachedAt, tunnelMtu, wireGuardPeers } from './underlay.ts'
import { emptyView, viewAfter } from './vpc-view.ts'
import { wireGuardAddress } from './wireguard-peers.ts'

const keyOf = (byte: number): string => Buffer.alloc(32, byte).toString('base64')
const peer = (host: number, wireGuard?: PeerFact['wireGuard'], vpcId = 'vpc-1'): PeerFact => ({
  key: `peer/${vpcId}/arn:${host}`,
  kind: 'peer',
  vpcId,
  hostArn: `arn:${host}`,
  underlayAddress: `192.0.2.${host}`,
  ...(wireGuard && { wireGuard }),
})
const open = peer(2, { publicKey: keyOf(2), endpoint: '192.0.2.2:51820' })
const behindNat = peer(3, { publicKey: keyOf(3) })
const plain = { address: '192.0.2.1', mtu: 1500 }
const encrypted = (isBehindNat: boolean) => ({
  address: wireGuardAddress(keyOf(1)),
  mtu: tunnelMtu(1500),
  tunnel: { link: 'bwg', isBehindNat },
})

test('hosts reach each other in the open, or both by WireGuard, and two behind NATs do not', () => {
  expect(reachedAt(plain, peer(2))).toBe('192.0.2.2')
  expect(reachedAt(plain, open)).toBeUndefined()
  expect(reachedAt(encrypted(false), peer(2))).toBeUndefined()
  expect(reachedAt(encrypted(false), open)).toBe(wireGuardAddress(keyOf(2)))
  expect(reachedAt(encrypted(false), behindNat)).toBe(wireGuardAddress(keyOf(3)))
  expect(reachedAt(encrypted(true), open)).toBe(wireGuardAddress(keyOf(2)))
  expect(reachedAt(encrypted(true), behindNat)).toBeUndefined()
})

test('a host that tells of no address is not reached, and the others are', () => {
  const at = (underlayAddress: string): PeerFact => ({ ...peer(2), underlayAddress })
  for (const text of ['', 'host-2', '192.0.2.2 dev eth0', '192.0.2.2 }\nflush ruleset', 'fe80::1%eth0'])
    expect(reachedAt(plain, at(text)), text).toBeUndefined()
  expect(reachedAt(plain, at('2001:DB8:0::2'))).toBe('2001:db8::2')
})

test('hosts that are not reached are known, this one never among them, and each is spoken with once', () => {
  const self = peer(1, { publicKey: keyOf(1) })
  const changed = [self, open, peer(2, open.wireGuard, 'vpc-2'), behindNat, peer(4)]
  const view = viewAfter(emptyView, { changed, gone: [] })
  expect(hostsApart(view, encrypted(false))).toEqual(['arn:4'])
  expect(hostsApart(view, encrypted(true))).toEqual(['arn:3', 'arn:4'])
  expect(wireGuardPeers(view, encrypted(false))).toEqual([open.wireGuard, behindNat.wireGuard])
  expect(wireGuardPeers(view, encrypted(true))).toEqual([open.wireGuard])
})

test('the headers of each underlay leave the packets of interfaces their room', () => {
  expect(overlayMtu(plain)).toBe(1450)
  expect(overlayMtu({ ...plain, address: '2001:db8::1' })).toBe(1430)
  expect(overlayMtu(encrypted(false))).toBe(1350)
})

test('a network carries IPv6 when packets of 1,280 bytes pass its overlays', () => {
  expect([1_329, 1_330, 1_500].map(mtu => carriesIpv6({ address: '192.0.2.1', mtu }))).toEqual([
    false,
    true,
    true,
  ])
})
