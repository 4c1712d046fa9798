/** Addresses of load balancers, on the host's loopback interface as long as a load balancer has them. */
import { networkInterfaces } from 'node:os'
import type { RunCommand } from '../metadata/index.ts'

/** The kernel answers for all of 127.0.0.0/8 by itself. */
const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

/** How an agent finds again which addresses it has added. At most 15 characters. */
const labelOf = (tag: string): string => `lo:berth-${tag}`

const presentAddresses = (): ReadonlySet<string> =>
  new Set(Object.values(networkInterfaces()).flatMap(all => (all ?? []).map(({ address }) => address)))

const added = async (run: RunCommand, label: string): Promise<string[]> => {
  const listed = await run('ip', ['-j', 'address', 'show', 'dev', 'lo'])
  const [lo] = JSON.parse(listed) as { addr_info?: { local: string; label?: string }[] }[]
  return (lo?.addr_info ?? []).filter(address => address.label === label).map(({ local }) => local)
}

/**
 * Adds those that are missing on the host, and takes away those that it added before and are wanted no longer. `tag` tells the
 * agents of one host apart: each takes away its own.
 */
export const ensureFrontAddresses = async (
  run: RunCommand,
  tag: string,
  wanted: readonly string[],
): Promise<void> => {
  const label = labelOf(tag)
  const present = presentAddresses()
  for (const address of wanted) {
    if (isLoopback(address) || present.has(address)) continue
    // Only IPv4 addresses have labels; an IPv6 address stays until the host starts anew.
    if (address.includes(':')) await run('ip', ['address', 'add', `${address}/128`, 'dev', 'lo', 'nodad'])
    else await run('ip', ['address', 'add', `${address}/32`, 'dev', 'lo', 'label', label])
  }
  for (const address of await added(run, label))
    if (!wanted.includes(address)) await run('ip', ['address', 'delete', `${address}/32`, 'dev', 'lo'])
}
