import type { InterfaceFact, NetworkFact, SubnetFact, VpcFact } from '@berth/model'
import { expect, test } from 'vitest'
import { createMemoryStateStore } from '../state/state-store.ts'
import { HeldInterfaces } from './held-interfaces.ts'
import { emptyView, viewAfter } from './vpc-view.ts'

const vpc: VpcFact = {
  key: 'vpc/vpc-1',
  kind: 'vpc',
  vpcId: 'vpc-1',
  number: 1,
  blocks: ['10.0.0.0/16'],
  hasDns: true,
}
const subnet: SubnetFact = {
  key: 'subnet/subnet-1',
  kind: 'subnet',
  subnetId: 'subnet-1',
  vpcId: 'vpc-1',
  block: '10.0.1.0/24',
  aclId: 'acl-1',
  outside: 'none',
}
const ofTask = (interfaceId: string, groupIds: readonly string[] = []): InterfaceFact => ({
  key: `interface/${interfaceId}`,
  kind: 'interface',
  interfaceId,
  vpcId: 'vpc-1',
  subnetId: 'subnet-1',
  macAddress: '02:00:00:00:00:01',
  address: '10.0.1.5',
  groupIds,
  holder: { kind: 'task', taskArn: 'task-1' },
})
const ofLoadBalancer = (interfaceId: string): InterfaceFact => ({
  ...ofTask(interfaceId),
  holder: { kind: 'load-balancer', loadBalancerArn: 'lb-1' },
})
const told = (...facts: NetworkFact[]) => viewAfter(emptyView, { changed: facts, gone: [] })
const given = (store = createMemoryStateStore(), isKnown = true) => ({
  store,
  held: new HeldInterfaces(store, '0000', () => isKnown),
})

test('an interface is held once all of it is told, with a link address that no other agent has given', () => {
  const { held } = given()
  expect(held.hold('eni-1', told(ofTask('eni-1')), [])).toBeUndefined()
  const one = held.hold('eni-1', told(vpc, subnet, ofTask('eni-1')), ['169.254.172.1'])
  expect(one?.linkAddress).toBe('169.254.172.2')
  expect(held.at('169.254.172.2')).toBe(one)
})

test('what is said of it later counts, and what is not said any more stays as it was', () => {
  const { held, store } = given()
  held.hold('eni-1', told(vpc, subnet, ofTask('eni-1')), [])
  held.refresh(told(vpc, subnet, ofTask('eni-1', ['sg-1'])), [])
  expect(held.get('eni-1')?.fact.groupIds).toEqual(['sg-1'])
  expect(held.refresh(emptyView, [])).toEqual([])
  expect(given(store).held.get('eni-1')).toMatchObject({ vpc, subnet, fact: { groupIds: ['sg-1'] } })
})

test('an earlier life’s is released when its task is not known any more', () => {
  const { held, store } = given()
  held.hold('eni-1', told(vpc, subnet, ofTask('eni-1')), [])
  expect(given(store, false).held.all()).toEqual([])
  expect(store.heldInterfaces()).toEqual([])
})

test('a load balancer’s comes and goes with what is told', () => {
  const { held } = given()
  const view = told(vpc, subnet, ofLoadBalancer('eni-2'))
  expect(held.needsLinkAddress(view)).toBe(true)
  held.refresh(view, [])
  expect(held.needsLinkAddress(view)).toBe(false)
  expect(held.all().map(({ fact }) => fact.interfaceId)).toEqual(['eni-2'])
  expect(held.refresh(told(vpc, subnet), []).map(({ fact }) => fact.interfaceId)).toEqual(['eni-2'])
  expect(held.all()).toEqual([])
})
