import { describe, expect, it } from 'vitest'
import { storeWith } from '../../ecs/fixtures/rows.ts'
import { given, start, targetGroupArn } from '../fixtures/rows.ts'
import { rules, targetGroups, targets } from '../tables/index.ts'
import { drainingTargetReconciler } from './draining-targets.ts'

const surroundings = { now: start + 10_000, randomHex: () => '00' }

const planFor = async ({ isUsed, delay }: { readonly isUsed: boolean; readonly delay?: string }) => {
  const store = await storeWith({})
  store.update(tx => {
    const attributes = delay === undefined ? {} : { 'deregistration_delay.timeout_seconds': delay }
    tx.put(targetGroups, given.targetGroup({ attributes }))
    if (isUsed) tx.put(rules, given.rule())
    tx.put(targets, given.target('i-1', 80))
    tx.put(targets, given.target('i-2', 80, { drainingSince: start }))
    tx.put(targets, given.target('i-3', 80, { drainingSince: start + 5_000 }))
  })
  return drainingTargetReconciler.reconcile(store, targetGroupArn(), surroundings)
}
const removed = ({ steps }: Awaited<ReturnType<typeof planFor>>) =>
  steps.map(step => (step.kind === 'delete' ? step.id.split('|')[1] : step.kind))

describe('targets that drain', () => {
  it('stay for the deregistration delay of their group', async () => {
    const plan = await planFor({ isUsed: true, delay: '10' })
    expect(removed(plan)).toEqual(['i-2'])
    expect(plan.wakeAt).toBe(start + 15_000)
  })

  it('stay for five minutes where the group says nothing', async () => {
    const plan = await planFor({ isUsed: true })
    expect(removed(plan)).toEqual([])
    expect(plan.wakeAt).toBe(start + 300_000)
  })

  it('go at once where no load balancer uses the group', async () => {
    expect(removed(await planFor({ isUsed: false }))).toEqual(['i-2', 'i-3'])
  })
})
