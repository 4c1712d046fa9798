import { expect, test } from 'vitest'
import { openGateway } from './gateway-fixture.ts'

const pull = { taskArn: 't', container: 'web', image: 'r.io/web', downloadedBytes: 1, totalBytes: 2 }

test('Pulls are known as an agent last said, until it says none or is gone, and none is a write', async () => {
  const { connect, gateway, store } = await openGateway()
  const agent = connect()
  const { sequence } = store
  agent.says('BerthPullProgress', { pulls: [pull, { downloadedBytes: 'much' }, 'no record'] })
  expect(gateway.pulls).toEqual([
    pull,
    { taskArn: '', container: '', image: '', downloadedBytes: 0, totalBytes: 0 },
  ])
  agent.says('BerthPullProgress', { pulls: [] })
  expect(gateway.pulls).toEqual([])
  agent.says('BerthPullProgress', { pulls: [pull] })
  expect(store.sequence).toBe(sequence)
  agent.close(1006, 'gone')
  expect(gateway.pulls).toEqual([])
})
