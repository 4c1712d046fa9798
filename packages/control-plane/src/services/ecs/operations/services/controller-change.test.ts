import { expect, it } from 'vitest'
import type { Call } from '../../../service.ts'
import { start } from '../../fixtures/rows.ts'
import { worldOf } from '../../fixtures/service-world.ts'
import { deployments, type ServiceRow, taskSets } from '../../tables/index.ts'
import { withController } from './controller-change.ts'

const call = { now: start, randomHex: (bytes: number) => '0'.repeat(bytes * 2) } as Call
const loadBalancers = [{ targetGroupArn: 'blue', containerName: 'web', containerPort: 80 }]

it('leaves the tasks in the target groups that have the traffic, there and back', async () => {
  const world = await worldOf({ service: { desiredCount: 1, loadBalancers } })
  world.settle(3)
  const { store } = world
  const [deployed = expect.fail('Nothing is deployed')] = world.deployments()
  store.update(tx => tx.put(deployments, { ...deployed, usesAlternateTargetGroups: true }))
  const change = (type: 'ECS' | 'EXTERNAL', before: ServiceRow) =>
    store.update(tx => withController(tx, { service: 'web', deploymentController: { type } }, call, before))
  const external = change('EXTERNAL', world.service() ?? expect.fail('There is no service'))
  const kept = { loadBalancers, usesAlternateTargetGroups: true }
  expect(store.get(taskSets, deployed.id)).toMatchObject(kept)
  const after = change('ECS', external)
  expect(store.get(deployments, deployed.id)).toMatchObject(kept)
  expect(after.lastCompleted).toMatchObject(kept)
})
