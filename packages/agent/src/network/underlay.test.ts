import { expect, test } from 'vitest'
import { carriesIpv6 } from './underlay.ts'

test('a network carries IPv6 when packets of 1,280 bytes pass its overlays', () => {
  expect([1_329, 1_330, 1_500].map(mtu => carriesIpv6({ address: '192.0.2.1', mtu }))).toEqual([
    false,
    true,
    true,
  ])
})
