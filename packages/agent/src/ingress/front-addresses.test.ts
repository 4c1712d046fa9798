import { expect, test } from 'vitest'
import type { RunCommand } from '../metadata/index.ts'
import { FrontAddresses } from './front-addresses.ts'

const quiet = { info: () => {}, warn: () => {}, error: () => {} }

/** A loopback interface with addresses of two agents, and what `ip` has been asked to change. */
const host = (...failures: boolean[]) => {
  const changes: string[] = []
  const addresses = [
    { local: '127.0.0.1', label: 'lo' },
    { local: '198.51.100.1', label: 'lo:berth-0a0a' },
    { local: '198.51.100.2', label: 'lo:berth-0b0b' },
  ]
  const run: RunCommand = async (_, args) => {
    if (args[0] === '-j') return JSON.stringify([{ ifname: 'lo', flags: ['LOOPBACK'], addr_info: addresses }])
    changes.push(args.join(' '))
    if (failures.shift()) throw new Error('No buffer space available')
    return ''
  }
  const front = new FrontAddresses({ run, tag: '0a0a', log: quiet, random: () => 0 })
  return { changes, front }
}

test('an agent takes away the addresses that it has added, and not those of another agent', async () => {
  const { changes, front } = host()
  await front.ensure([], 0)
  expect(changes).toEqual(['address delete 198.51.100.1/32 dev lo'])
})

test('an address that is missing is added under the agent’s label, and one of the loopback block never', async () => {
  const { changes, front } = host()
  await front.ensure(['198.51.100.1', '198.51.100.3', '127.0.0.9'], 0)
  expect(changes).toEqual(['address add 198.51.100.3/32 dev lo label lo:berth-0a0a'])
})

test('an address that somebody took away is put back within ten seconds', async () => {
  const { changes, front } = host()
  // The host never has it: as if it were taken away at once.
  await front.ensure(['198.51.100.1', '198.51.100.3'], 0)
  await front.ensure(['198.51.100.1', '198.51.100.3'], 9_999)
  expect(changes).toHaveLength(1)
  await front.ensure(['198.51.100.1', '198.51.100.3'], 10_000)
  expect(changes).toHaveLength(2)
})

test('what failed is done with the next look, not ten seconds later', async () => {
  const { changes, front } = host(true)
  await expect(front.ensure([], 0)).rejects.toThrow('No buffer space available')
  await front.ensure([], 1)
  expect(changes).toEqual(Array(2).fill('address delete 198.51.100.1/32 dev lo'))
})
