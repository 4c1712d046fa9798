import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { routerIpv6 } from './outside-ipv6.ts'

test('a router’s address follows from the agent and the VPC, and is written as ip prints it', () => {
  const one = routerIpv6('0a0a', 'vpc-1')
  expect(one).toBe(routerIpv6('0a0a', 'vpc-1'))
  expect(new Set([one, routerIpv6('0b0b', 'vpc-1'), routerIpv6('0a0a', 'vpc-2')]).size).toBe(3)
  fc.assert(
    fc.property(fc.string(), vpcId => {
      const address = routerIpv6('0a0a', vpcId)
      expect(isIPv6(address)).toBe(true)
      expect(address).toMatch(/^fdbe:5e1f:c0a7:1(:|::)[1-9a-f]/)
      expect(address).not.toMatch(/:0[0-9a-f]/)
    }),
  )
})
