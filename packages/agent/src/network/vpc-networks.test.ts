import { expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { createFacts } from '../facts/index.ts'
import type { RunCommand } from '../metadata/index.ts'
import { createMemoryStateStore } from '../state/state-store.ts'
import { startVpcNetworks } from './vpc-networks.ts'

test('a namespace that could not be taken away is tried again, and nobody else’s is touched', async () => {
  const namespaces = new Set(['berth-0a0a-eni-1', 'berth-0b0b-eni-1', 'other'])
  let isBusy = true
  const run: RunCommand = async (program, args) => {
    const [of, verb, name = ''] = args
    if (program !== 'ip' || of !== 'netns') return ''
    if (verb === 'list') return [...namespaces].join('\n')
    if (isBusy) throw new Error('busy')
    namespaces.delete(name)
    return ''
  }
  const store = createMemoryStateStore()
  const clock = createManualClock()
  const networks = await startVpcNetworks({
    run,
    clock,
    store,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    facts: createFacts(store),
    tag: '0a0a',
    reachesInstanceMetadata: false,
    underlay: { address: '192.0.2.1', mtu: 1500 },
    knowsTask: () => true,
    taskNamespace: () => Promise.resolve(undefined),
  })
  expect(namespaces.size).toBe(3)
  isBusy = false
  await clock.advance(10_000)
  expect([...namespaces]).toEqual(['berth-0b0b-eni-1', 'other'])
  await networks.stop()
})
