/**
 * Leads a port of an agent's address to the port that the agent listens on: by a table of Berth's own, and earlier than
 * Docker's rules, which would send the port to a container that publishes it.
 */
import type { RunCommand } from './metadata/index.ts'

export interface LoopbackPortRule {
  /** Nobody else's. */
  readonly table: string
  readonly address: string
  readonly protocols: readonly ('tcp' | 'udp')[]
  readonly from: number
  readonly to: number
}

const scriptOf = ({ table, address, protocols, from, to }: LoopbackPortRule): string => {
  const rules = protocols.map(
    protocol => `    ip daddr ${address} ${protocol} dport ${from} dnat to ${address}:${to}`,
  )
  const chains = ['prerouting', 'output'].flatMap(hook => [
    `  chain ${hook} {`,
    `    type nat hook ${hook} priority -110`,
    ...rules,
    '  }',
  ])
  return [`add table ip ${table}`, `flush table ip ${table}`, `table ip ${table} {`, ...chains, '}', ''].join(
    '\n',
  )
}

/** Idempotent; a firewall that was loaded anew may have dropped the rule. */
export const ensurePortRule = async (run: RunCommand, rule: LoopbackPortRule): Promise<void> => {
  const known = await run('nft', ['list', 'table', 'ip', rule.table]).catch(() => '')
  if (known.split(`:${rule.to}`).length - 1 === 2 * rule.protocols.length) return
  await run('nft', ['-f', '-'], scriptOf(rule))
}

export const removePortRule = async (run: RunCommand, { table }: LoopbackPortRule): Promise<void> => {
  // An unknown table cannot be deleted: somebody was faster.
  await run('nft', ['-f', '-'], `add table ip ${table}\ndelete table ip ${table}\n`)
}
