import type { Tag } from '@aws-sdk/client-ecs'
import { defineTable } from '../../../store/table.ts'
import type { MadeBy } from '../network/client-token.ts'
import { besideKey, scopeKeyOf } from './scope.ts'

/** (AWS: EC2 API reference, NetworkAcl). Written by operations. */
export interface NetworkAclRow {
  /** The ACL's ARN. */
  readonly id: string
  readonly vpcId: string
  readonly isDefault: boolean
  /** Without the last one of each direction, which denies everything. */
  readonly entries: readonly AclEntry[]
  readonly associations: readonly AclLink[]
  readonly madeBy?: MadeBy | undefined
  readonly tags: readonly Tag[]
}

export interface AclEntry {
  readonly ruleNumber: number
  readonly isEgress: boolean
  readonly action: 'allow' | 'deny'
  /** A number; `-1` for all. */
  readonly protocol: string
  /** Exactly one of both. */
  readonly cidr?: string | undefined
  readonly ipv6Cidr?: string | undefined
  readonly ports?: { readonly from: number; readonly to: number } | undefined
  readonly icmp?: { readonly type: number; readonly code: number } | undefined
}

export interface AclLink {
  /** `aclassoc-` and 17 hexadecimal digits. */
  readonly associationId: string
  readonly subnetId: string
}

export const networkAcls = defineTable<NetworkAclRow>()({
  name: 'ec2.network-acls',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    byVpc: row => besideKey(row.id, row.vpcId),
    byClientToken: row => besideKey(row.id, row.madeBy?.token),
    defaultOfVpc: row => (row.isDefault ? besideKey(row.id, row.vpcId) : undefined),
    bySubnet: row => row.associations.flatMap(({ subnetId }) => besideKey(row.id, subnetId) ?? []),
    byAssociation: row => row.associations.flatMap(link => besideKey(row.id, link.associationId) ?? []),
  },
})
