import { expect, test } from 'vitest'
import type { RunCommand } from '../metadata/index.ts'
import { readUnderlay } from './read-underlay.ts'

/** What `ip` prints, by the last of its arguments. */
const host =
  (printed: Readonly<Record<string, unknown>>): RunCommand =>
  async (_program, args) => {
    const found = printed[args.at(-1) ?? '']
    if (found === undefined) throw new Error('Network is unreachable')
    return JSON.stringify(found)
  }
const address = (local: string, mtu: number, ...flags: string[]) => [
  { mtu, flags: [...flags, 'UP', 'LOWER_UP'], addr_info: [{ local, family: 'inet' }] },
]
const route = (dev: string, prefsrc: string) => [{ dev, prefsrc }]

test('the operator’s word counts, with the MTU of the link that has the address', async () => {
  const run = host({ '10.0.0.5': address('10.0.0.5', 9_001) })
  const settings = { underlayAddress: '10.0.0.5', endpoint: 'http://192.168.0.1:4566' }
  expect(await readUnderlay(run, settings)).toEqual({ address: '10.0.0.5', mtu: 9_001 })
})

test('otherwise it is the address by which the control plane is reached', async () => {
  const run = host({
    '192.168.0.1': route('eth1', '192.168.0.7'),
    '192.0.2.1': route('eth0', '10.0.0.5'),
    '192.168.0.7': address('192.168.0.7', 1_400),
  })
  expect(await readUnderlay(run, { underlayAddress: '', endpoint: 'http://192.168.0.1:4566' })).toEqual({
    address: '192.168.0.7',
    mtu: 1_400,
  })
})

test('beside the control plane it is the address that the host has towards the outside', async () => {
  const run = host({
    '127.0.0.1': route('lo', '127.0.0.1'),
    '192.0.2.1': route('eth0', '10.0.0.5'),
    '10.0.0.5': address('10.0.0.5', 1_500),
  })
  expect(await readUnderlay(run, { underlayAddress: '', endpoint: 'http://127.0.0.1:4566' })).toEqual({
    address: '10.0.0.5',
    mtu: 1_500,
  })
})

test('a host that is in no network goes by its loopback interface, with the usual MTU', async () => {
  const run = host({ '127.0.0.1': route('lo', '127.0.0.1') })
  expect(await readUnderlay(run, { underlayAddress: '', endpoint: 'http://127.0.0.1:4566' })).toEqual({
    address: '127.0.0.1',
    mtu: 1_500,
  })
})

test('the MTU of a loopback interface is more than other links can have, and is not taken', async () => {
  const run = host({ '127.0.0.1': address('127.0.0.1', 65_536, 'LOOPBACK') })
  const settings = { underlayAddress: '127.0.0.1', endpoint: 'http://127.0.0.1:4566' }
  expect(await readUnderlay(run, settings)).toEqual({ address: '127.0.0.1', mtu: 1_500 })
})

test('the operator’s word of IPv6 is taken in the short form, as the kernel has it', async () => {
  const run = host({ '2001:db8::5': address('2001:db8::5', 1_400) })
  const settings = { underlayAddress: '2001:DB8:0::5', endpoint: 'http://127.0.0.1:4566' }
  expect(await readUnderlay(run, settings)).toEqual({ address: '2001:db8::5', mtu: 1_400 })
})
