import type { VpcFact } from '@berth/model'
import { expect, test } from 'vitest'
import { routerRules } from './router-rules.ts'
import { emptyView } from './vpc-view.ts'

const vpc: VpcFact = {
  key: 'vpc/vpc-1',
  kind: 'vpc',
  vpcId: 'vpc-1',
  number: 1,
  blocks: ['10.0.0.0/16'],
  hasDns: true,
}
const guard = routerRules(vpc, [], emptyView).chains.get('guard') ?? []
const outwards = guard.filter(line => line.includes('oifname "up0"') && line.includes('iifname "eni*"'))

test('what belongs to no connection does not go outside', () => {
  expect(outwards[0]).toBe('iifname "eni*" oifname "up0" ct state invalid drop')
})

test('nothing begins to speak with the outside that its subnet does not lead there, tracked or not', () => {
  expect(outwards).toContain(
    'iifname "eni*" oifname "up0" iifname != @outside ct state { new, untracked } drop',
  )
})

test('a task cannot send a host what passes for a packet of an overlay', () => {
  expect(outwards).toContain('iifname "eni*" oifname "up0" udp dport 4790 drop')
})
