import { expect, test } from 'vitest'
import { given } from '../services/ecs/fixtures/rows.ts'
import { tasks } from '../services/ecs/tables/index.ts'
import { given as elbv2, start } from '../services/elbv2/fixtures/rows.ts'
import { targets } from '../services/elbv2/index.ts'
import { openGateway, settle } from './gateway-fixture.ts'

const task = given.task(1, {
  lastStatus: 'RUNNING',
  containers: [{ name: 'web', id: 'c', lastStatus: 'RUNNING' }],
  targetHealth: { state: 'healthy' },
})
const target = elbv2.target('i-1', 80, { taskArn: task.id })
const stopping = { ...task, desiredStatus: 'STOPPED' as const }

test('A host is told to stop a task once load balancers have let go of it', async () => {
  const { store, connect } = await openGateway({ tasks: [task] })
  store.update(tx => tx.put(targets, target))
  const agent = connect()
  await settle()
  for (const payload of agent.payloads) agent.acknowledges(payload)
  store.update(tx => {
    tx.put(tasks, stopping)
    tx.put(targets, { ...target, drainingSince: start })
  })
  await settle()
  expect(agent.told).not.toContain('STOPPED 1')
  store.update(tx => tx.delete(targets, target.id))
  await settle()
  expect(agent.told.at(-1)).toBe('STOPPED 1')
})

test('A session that begins meanwhile hears that the task is to run, and may not stop it', async () => {
  const { store, connect } = await openGateway({ tasks: [stopping] })
  store.update(tx => tx.put(targets, { ...target, drainingSince: start }))
  const agent = connect()
  await settle()
  expect(agent.told).toEqual(['RUNNING 1'])
  const [manifest] = agent.manifests
  expect(manifest?.tasks).toMatchObject([{ desiredStatus: 'RUNNING' }])
  const { messageId } = manifest!
  agent.says('TaskStopVerificationMessage', {
    messageId,
    stopCandidates: [{ taskArn: task.id, taskClusterArn: task.clusterArn, desiredStatus: 'STOPPED' }],
  })
  await settle()
  expect(agent.heard('TaskStopVerificationAck')).toEqual([])
})

test('A task of which an essential container has ended is held by nothing', async () => {
  const ended = { ...stopping, containers: [{ name: 'web', id: 'c', lastStatus: 'STOPPED' as const }] }
  const { store, connect } = await openGateway({ tasks: [ended] })
  store.update(tx => tx.put(targets, target))
  const agent = connect()
  await settle()
  expect(agent.told).toEqual(['STOPPED 1'])
})
