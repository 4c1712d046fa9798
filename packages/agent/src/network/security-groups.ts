/**
 * Security groups as chains: one for each direction of a group, and one for each set of groups that interfaces have, which asks
 * the groups in turn and drops the rest. (AWS: "Security group rules"; "Amazon EC2 security group connection tracking": what
 * was let through goes on, in both directions, also after its rule is gone.) Pure.
 */
import type { SecurityGroupFact, SecurityGroupRule } from '@berth/model'
import { groupSetName } from './names.ts'
import { blockMatches, type PeerSide, protocolMatch, ruleOf } from './traffic-match.ts'

export type Direction = 'ingress' | 'egress'

const sides: Readonly<Record<Direction, PeerSide>> = { ingress: 'saddr', egress: 'daddr' }

export const memberSets = (groupId: string) => ({ ipv4: `${groupId}-4`, ipv6: `${groupId}-6` })

const peerMatches = (side: PeerSide, peer: SecurityGroupRule['peer']): string[] => {
  if ('blocks' in peer) return blockMatches(side, peer.blocks)
  const sets = memberSets(peer.groupId)
  return [`ip ${side} @${sets.ipv4}`, `ip6 ${side} @${sets.ipv6}`]
}

const groupChain = (groupId: string, direction: Direction): string => `${groupId}-${direction}`

const groupRules = (group: SecurityGroupFact, direction: Direction): string[] =>
  group[direction].flatMap(({ protocol, fromPort, toPort, peer }) =>
    peerMatches(sides[direction], peer).map(match =>
      ruleOf(match, protocolMatch(protocol, fromPort, toPort), 'accept'),
    ),
  )

/** Of an interface with these groups. */
export const groupSetChain = (groupIds: readonly string[], direction: Direction): string =>
  `${groupSetName(groupIds)}-${direction}`

/** The groups whose members a rule of these names. */
export const namedGroups = (groups: readonly SecurityGroupFact[]): ReadonlySet<string> =>
  new Set(
    groups
      .flatMap(({ ingress, egress }) => [...ingress, ...egress])
      .flatMap(({ peer }) => ('groupId' in peer ? [peer.groupId] : [])),
  )

/** A group that the host was not told of lets nothing through. */
export const securityGroupChains = (
  groupSets: readonly (readonly string[])[],
  groups: ReadonlyMap<string, SecurityGroupFact>,
): Map<string, readonly string[]> => {
  const chains = new Map<string, readonly string[]>()
  for (const direction of ['ingress', 'egress'] as const)
    for (const ids of groupSets) {
      const known = ids.flatMap(id => groups.get(id) ?? [])
      for (const group of known)
        chains.set(groupChain(group.groupId, direction), groupRules(group, direction))
      const jumps = known.map(({ groupId }) => `jump ${groupChain(groupId, direction)}`).toSorted()
      chains.set(groupSetChain(ids, direction), [...jumps, 'drop'])
    }
  return chains
}
