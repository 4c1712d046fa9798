/** A port that swallows everything: a chain of nftables in the container's own network namespace, which ends with it. */
import { isIP } from 'node:net'
import { linkLocalAddress } from '../link-local-address.ts'
import type { BlackHole } from './fault-request.ts'
import type { RunInNamespace } from './namespace.ts'

const table = 'berth-faults'

const chainOf = ({ trafficType, protocol, port }: BlackHole): string => `${trafficType}-${protocol}-${port}`

const familyOf = (source: string): 'ip' | 'ip6' => (isIP(source.split('/')[0] ?? '') === 6 ? 'ip6' : 'ip')

/** Whatever the port, the task must be able to end the fault. Pure. */
export const blackHoleRules = (fault: BlackHole): string => {
  const { trafficType, protocol, port, sourcesToFilter } = fault
  const [hook, peer] = trafficType === 'ingress' ? ['input', 'saddr'] : ['output', 'daddr']
  const spared = [...sourcesToFilter, linkLocalAddress]
  return [
    `add table inet ${table}`,
    `add chain inet ${table} ${chainOf(fault)} { type filter hook ${hook} priority -10; }`,
    `flush chain inet ${table} ${chainOf(fault)}`,
    ...spared.map(
      source => `add rule inet ${table} ${chainOf(fault)} ${familyOf(source)} ${peer} ${source} accept`,
    ),
    `add rule inet ${table} ${chainOf(fault)} ${protocol} dport ${port} drop`,
    '',
  ].join('\n')
}

export const startBlackHole = async (run: RunInNamespace, fault: BlackHole): Promise<void> => {
  await run('nft', ['-f', '-'], blackHoleRules(fault))
}

export const isBlackHoleRunning = async (run: RunInNamespace, fault: BlackHole): Promise<boolean> => {
  const rules = await run('nft', ['list', 'ruleset'])
  return rules.includes(`chain ${chainOf(fault)} {`)
}

export const stopBlackHole = async (run: RunInNamespace, fault: BlackHole): Promise<void> => {
  if (await isBlackHoleRunning(run, fault))
    await run('nft', ['delete', 'chain', 'inet', table, chainOf(fault)])
}
