import { beforeEach, expect, test } from 'vitest'
import { instanceArn, storeWith } from '../../services/ecs/fixtures/rows.ts'
import { given, loadBalancerArn } from '../../services/elbv2/fixtures/rows.ts'
import { loadBalancers } from '../../services/elbv2/index.ts'
import type { JournaledStore } from '../../store/journaled-store.ts'
import { applyRefusals } from './refusals.ts'

let store: JournaledStore
beforeEach(async () => {
  store = await storeWith({})
  const carried = { frontAddress: '127.10.0.1', interfaceIds: [], containerInstanceArn: instanceArn(1) }
  store.update(tx => tx.put(loadBalancers, given.loadBalancer({ carried })))
})

const refusal = () => store.get(loadBalancers, loadBalancerArn())?.refusal
const refused = { refused: [{ loadBalancerArn: loadBalancerArn(), reason: 'no such ACL' }] }

test('a refusal holds until its host tells of it no longer', () => {
  applyRefusals(store, instanceArn(1), refused)
  expect(refusal()).toBe('no such ACL')
  const { sequence } = store
  applyRefusals(store, instanceArn(1), refused)
  expect(store.sequence).toBe(sequence)
  applyRefusals(store, instanceArn(1), { refused: [] })
  expect(refusal()).toBeUndefined()
})

test('a host is not believed for what another one carries, and nonsense says nothing', () => {
  applyRefusals(store, instanceArn(2), refused)
  applyRefusals(store, instanceArn(1), { refused: [{ loadBalancerArn: loadBalancerArn() }, 7] })
  applyRefusals(store, instanceArn(1), 'nonsense')
  expect(refusal()).toBeUndefined()
})
