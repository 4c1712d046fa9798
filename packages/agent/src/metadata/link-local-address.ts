/**
 * The address that every container reaches its endpoints under, on the host's loopback interface: containers on a bridge get
 * there by their default route, those in the host's network at once. The agent listens on a port of its own, so that
 * containers may still publish port 80, and one rule of a table of Berth's own leads port 80 of the address there.
 * Only the agent that has the official agent's port has the rule; another one on the same host says its port in its URLs.
 */
import type { RunCommand } from './command.ts'

export const linkLocalAddress = '169.254.170.2'
/** The port of the official agent, which ECS keeps free on every container instance. */
export const standardPort = 51_679
const table = 'berth-task-endpoints'

/** Earlier than Docker's own rules, which would send port 80 to a container that publishes it. */
const rules = `
add table ip ${table}
flush table ip ${table}
table ip ${table} {
  chain prerouting {
    type nat hook prerouting priority -110
    ip daddr ${linkLocalAddress} tcp dport 80 dnat to ${linkLocalAddress}:${standardPort}
  }
  chain output {
    type nat hook output priority -110
    ip daddr ${linkLocalAddress} tcp dport 80 dnat to ${linkLocalAddress}:${standardPort}
  }
}
`

/** Idempotent; a firewall that was loaded anew may have dropped the rule. */
export const ensureRule = async (run: RunCommand): Promise<void> => {
  const known = await run('nft', ['list', 'table', 'ip', table]).catch(() => '')
  if (known.split(`:${standardPort}`).length - 1 === 2) return
  await run('nft', ['-f', '-'], rules)
}

export const removeRule = async (run: RunCommand): Promise<void> => {
  // An unknown table cannot be deleted: somebody was faster.
  await run('nft', ['-f', '-'], `add table ip ${table}\ndelete table ip ${table}\n`)
}
