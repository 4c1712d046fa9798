import { expect, test } from 'vitest'
import type { RunCommand } from '../metadata/index.ts'
import { ensureFrontAddresses } from './front-addresses.ts'

/** What `ip` has been asked to change, of a loopback interface with addresses of two agents. */
const changesFor = async (...wanted: string[]): Promise<string[]> => {
  const changes: string[] = []
  const addresses = [
    { local: '127.0.0.1', label: 'lo' },
    { local: '198.51.100.1', label: 'lo:berth-0a0a' },
    { local: '198.51.100.2', label: 'lo:berth-0b0b' },
  ]
  const run: RunCommand = async (_, args) => {
    if (args[0] === '-j') return JSON.stringify([{ addr_info: addresses }])
    changes.push(args.join(' '))
    return ''
  }
  await ensureFrontAddresses(run, '0a0a', wanted)
  return changes
}

test('an agent takes away the addresses that it has added, and not those of another agent', async () => {
  expect(await changesFor()).toEqual(['address delete 198.51.100.1/32 dev lo'])
})

test('an address that is missing is added under the agent’s label, and one of the loopback block never', async () => {
  expect(await changesFor('198.51.100.1', '198.51.100.3', '127.0.0.9')).toEqual([
    'address add 198.51.100.1/32 dev lo label lo:berth-0a0a',
    'address add 198.51.100.3/32 dev lo label lo:berth-0a0a',
  ])
})
