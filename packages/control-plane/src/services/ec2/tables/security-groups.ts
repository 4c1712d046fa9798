import type { Tag } from '@aws-sdk/client-ecs'
import { defineTable } from '../../../store/table.ts'
import { besideKey, scopeKeyOf } from './scope.ts'

/** (AWS: EC2 API reference, SecurityGroup). Written by operations. */
export interface SecurityGroupRow {
  /** The group's ARN. */
  readonly id: string
  readonly vpcId: string
  readonly name: string
  readonly description: string
  readonly tags: readonly Tag[]
}

export const securityGroups = defineTable<SecurityGroupRow>()({
  name: 'ec2.security-groups',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    byVpc: row => besideKey(row.id, row.vpcId),
  },
})

/** (AWS: EC2 API reference, SecurityGroupRule). Written by operations. */
export interface SecurityGroupRuleRow {
  /** The rule's ARN. */
  readonly id: string
  readonly groupId: string
  readonly isEgress: boolean
  /** `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all. */
  readonly protocol: string
  /** Of ICMP, the type; -1: all. */
  readonly fromPort: number
  /** Of ICMP, the code; -1: all. */
  readonly toPort: number
  readonly peer: RulePeer
  readonly description?: string | undefined
  readonly tags: readonly Tag[]
}

/** Where the traffic of a rule comes from, or goes. */
export type RulePeer =
  | { readonly kind: 'ipv4' | 'ipv6'; readonly cidr: string }
  | { readonly kind: 'prefix-list'; readonly prefixListId: string }
  | { readonly kind: 'group'; readonly groupId: string }

export const securityGroupRules = defineTable<SecurityGroupRuleRow>()({
  name: 'ec2.security-group-rules',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    byGroup: row => besideKey(row.id, row.groupId),
    /** By the group that is the other side of the traffic. */
    byReferencedGroup: row => besideKey(row.id, row.peer.kind === 'group' ? row.peer.groupId : undefined),
    byPrefixList: row =>
      besideKey(row.id, row.peer.kind === 'prefix-list' ? row.peer.prefixListId : undefined),
  },
})
