import { beforeEach, describe, expect, it } from 'vitest'
import { instanceArn, storeWith } from '../../services/ecs/fixtures/rows.ts'
import { given, start, targetGroupArn } from '../../services/elbv2/fixtures/rows.ts'
import { loadBalancers, rules, targetGroups, targets } from '../../services/elbv2/index.ts'
import type { JournaledStore } from '../../store/journaled-store.ts'
import { applyTargetHealth } from './target-health.ts'

let store: JournaledStore
beforeEach(async () => {
  store = await storeWith({})
  const carried = { frontAddress: '127.10.0.1', interfaceIds: [], containerInstanceArn: instanceArn(1) }
  store.update(tx => {
    tx.put(loadBalancers, given.loadBalancer({ carried }))
    tx.put(rules, given.rule())
    tx.put(targetGroups, given.targetGroup())
    tx.put(targets, given.target('i-1', 80))
    tx.put(targets, given.target('i-2', 80, { drainingSince: start }))
  })
})

const report = (targetId: string, state: string, more: object = {}) => ({
  isWhole: false,
  targets: [{ targetGroupArn: targetGroupArn(), targetId, port: 80, state, ...more }],
})
const healthOf = (targetId: string) => store.get(targets, given.target(targetId, 80).id)?.health
const isThere = (targetId: string) => store.get(targets, given.target(targetId, 80).id) !== undefined

describe('what a host says of the health of targets', () => {
  it('is written, with its reason, once for as long as it stays the same', () => {
    const unhealthy = { reason: 'Target.Timeout', description: 'Request timed out' }
    expect(applyTargetHealth(store, instanceArn(1), report('i-1', 'unhealthy', unhealthy))).toBe(0)
    expect(healthOf('i-1')).toEqual({ state: 'unhealthy', ...unhealthy })
    const { sequence } = store
    applyTargetHealth(store, instanceArn(1), report('i-1', 'unhealthy', unhealthy))
    expect(store.sequence).toBe(sequence)
    applyTargetHealth(store, instanceArn(1), report('i-1', 'healthy'))
    expect(healthOf('i-1')).toEqual({ state: 'healthy' })
  })

  it('is left out where another host carries the load balancer, and where it is no report', () => {
    expect(applyTargetHealth(store, instanceArn(2), report('i-1', 'healthy'))).toBe(1)
    expect(applyTargetHealth(store, instanceArn(1), report('i-1', 'splendid'))).toBe(1)
    expect(applyTargetHealth(store, instanceArn(1), 'nonsense')).toBe(0)
    expect(healthOf('i-1')).toBeUndefined()
  })

  it('ends a target that has drained, and none that was registered again meanwhile', () => {
    applyTargetHealth(store, instanceArn(1), report('i-2', 'drained'))
    applyTargetHealth(store, instanceArn(1), report('i-1', 'drained'))
    expect([isThere('i-1'), isThere('i-2')]).toEqual([true, false])
  })

  it('changes nothing of a target that drains, and makes none', () => {
    applyTargetHealth(store, instanceArn(1), report('i-2', 'unhealthy'))
    applyTargetHealth(store, instanceArn(1), report('i-3', 'healthy'))
    expect(healthOf('i-2')).toBeUndefined()
    expect(isThere('i-3')).toBe(false)
  })
})
