/** The cables and the switch of local hosts: all of it in network namespaces of their own, nothing in the machine's. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { HostRecord } from './host-records.ts'
import { machine } from './machine.ts'

const ip = async (...args: string[]): Promise<void> => {
  await machine('ip', ...args)
}

/** A network that only the hosts and the switch see. */
const addressOf = (number: number): string => `10.246.0.${number}`
export const hostAddress = ({ number }: HostRecord): string => addressOf(number)
export const switchAddress = addressOf(254)
const bridge = 'switch'
/** The end of a host's cable at the switch. */
const portOf = ({ number }: HostRecord): string => `host${number}`

const exists = (namespace: string): boolean => existsSync(join('/run/netns', namespace))

const remove = async (namespace: string): Promise<void> => {
  if (exists(namespace)) await ip('netns', 'delete', namespace)
}

const ignoreMissing = (error: Error): void => {
  if (!/Cannot find device/.test(error.message)) throw error
}

/** False: it was there already. */
export const makeSwitch = async (namespace: string): Promise<boolean> => {
  if (exists(namespace)) return false
  await ip('netns', 'add', namespace)
  const inside = ['-n', namespace]
  await ip(...inside, 'link', 'set', 'lo', 'up')
  await ip(...inside, 'link', 'add', bridge, 'type', 'bridge')
  await ip(...inside, 'address', 'add', `${switchAddress}/24`, 'dev', bridge)
  await ip(...inside, 'link', 'set', bridge, 'up')
  return true
}

export const removeSwitch = remove

/** A new namespace for the host, and a cable from it to the switch. */
export const plugIn = async (host: HostRecord, namespace: string, switchOf: string): Promise<void> => {
  await ip('netns', 'add', namespace)
  const port = portOf(host)
  const cable = ['type', 'veth', 'peer', 'name', port, 'netns', switchOf]
  await ip('link', 'add', 'eth0', 'netns', namespace, ...cable)
  await ip('-n', switchOf, 'link', 'set', port, 'master', bridge)
  const inside = ['-n', namespace]
  await ip(...inside, 'link', 'set', 'lo', 'up')
  await ip(...inside, 'address', 'add', `${hostAddress(host)}/24`, 'dev', 'eth0')
  await ip(...inside, 'link', 'set', 'eth0', 'up')
  if (!host.isPartitioned) await setCable(host, switchOf, 'up')
}

export const setCable = (host: HostRecord, switchOf: string, state: 'up' | 'down'): Promise<void> =>
  ip('-n', switchOf, 'link', 'set', portOf(host), state)

/**
 * The cable goes at the switch: the namespace stays for as long as the kernel holds connections that nobody answers any more.
 */
export const unplug = async (host: HostRecord, namespace: string, switchOf: string): Promise<void> => {
  if (exists(switchOf)) await ip('-n', switchOf, 'link', 'delete', portOf(host)).catch(ignoreMissing)
  await remove(namespace)
}
