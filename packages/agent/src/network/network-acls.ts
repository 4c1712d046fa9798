/**
 * Network ACLs as chains of subnets: asked of every packet that crosses the subnet's border, whatever connection it belongs to.
 * (AWS: "Control subnet traffic with network access control lists") Pure.
 */
import type { NetworkAclEntry, NetworkAclFact, SubnetFact } from '@berth/model'
import type { Direction } from './security-groups.ts'
import { blockMatches, protocolMatch, ruleOf } from './traffic-match.ts'

export const aclChain = (subnetId: string, direction: Direction): string => `${subnetId}-${direction}`

const portsOf = ({ ports, icmp }: NetworkAclEntry): readonly [number, number] => {
  if (icmp) return [icmp.type, icmp.code]
  return ports ? [ports.from, ports.to] : [-1, -1]
}

const entryRules = (entry: NetworkAclEntry): string[] => {
  const verdict = entry.action === 'allow' ? 'accept' : 'drop'
  return blockMatches(entry.isEgress ? 'daddr' : 'saddr', [entry.block]).map(match =>
    ruleOf(match, protocolMatch(entry.protocol, ...portsOf(entry)), verdict),
  )
}

/** A subnet whose ACL the host was not told of lets nothing across its border. */
export const aclChains = (
  subnet: SubnetFact,
  acl: NetworkAclFact | undefined,
): Map<string, readonly string[]> => {
  const within = [subnet.block, ...(subnet.ipv6Block === undefined ? [] : [subnet.ipv6Block])]
  const chainFor = (direction: Direction): readonly string[] => [
    ...blockMatches(direction === 'egress' ? 'daddr' : 'saddr', within).map(match => `${match} accept`),
    ...(acl?.entries ?? [])
      .filter(({ isEgress }) => isEgress === (direction === 'egress'))
      .flatMap(entryRules),
    'drop',
  ]
  return new Map([
    [aclChain(subnet.subnetId, 'ingress'), chainFor('ingress')],
    [aclChain(subnet.subnetId, 'egress'), chainFor('egress')],
  ])
}
