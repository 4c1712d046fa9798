import { expect, test } from 'vitest'
import { given } from '../services/ecs/fixtures/rows.ts'
import { tasks } from '../services/ecs/tables/index.ts'
import { openGateway, settle } from './gateway-fixture.ts'

test('An agent that was lost is told again and again to stop the tasks that were given up, until it says that they have stopped', async () => {
  const task = given.task(1, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stopUnconfirmed: true })
  const { connect, store } = await openGateway({ tasks: [task] })
  const first = connect()
  await settle()
  expect(first.told).toEqual(['STOPPED 1'])
  const agent = connect()
  await settle()
  expect(agent.told).toEqual(['STOPPED 1'])
  agent.says('BerthStateChanges', {
    messageId: 'm',
    changes: [{ taskArn: task.id, status: 'STOPPED', containers: [] }],
  })
  expect(store.get(tasks, task.id)?.stopUnconfirmed).toBeUndefined()
  const last = connect()
  await settle()
  expect(last.told).toEqual([])
})
