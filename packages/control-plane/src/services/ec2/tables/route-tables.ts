import type { Tag } from '@aws-sdk/client-ecs'
import { defineTable } from '../../../store/table.ts'
import type { MadeBy } from '../network/client-token.ts'
import { besideKey, scopeKeyOf } from './scope.ts'

/** (AWS: EC2 API reference, RouteTable). Written by operations. */
export interface RouteTableRow {
  /** The table's ARN. */
  readonly id: string
  readonly vpcId: string
  /** Without the local routes, which follow from the VPC's blocks. */
  readonly routes: readonly RouteEntry[]
  readonly associations: readonly RouteTableLink[]
  readonly madeBy?: MadeBy | undefined
  readonly tags: readonly Tag[]
}

export interface RouteEntry {
  readonly destination: RouteDestination
  readonly target: RouteTarget
}

export type RouteDestination =
  | { readonly kind: 'ipv4' | 'ipv6'; readonly cidr: string }
  | { readonly kind: 'prefix-list'; readonly prefixListId: string }

export type RouteTarget =
  | {
      readonly kind: 'internet-gateway' | 'egress-only-gateway' | 'nat-gateway' | 'network-interface'
      readonly id: string
    }
  | { readonly kind: 'local' }

export interface RouteTableLink {
  /** `rtbassoc-` and 17 hexadecimal digits. */
  readonly associationId: string
  /** Absent: the table is the VPC's main one. */
  readonly subnetId?: string | undefined
}

export const routeTables = defineTable<RouteTableRow>()({
  name: 'ec2.route-tables',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    byVpc: row => besideKey(row.id, row.vpcId),
    mainOfVpc: row =>
      row.associations.some(({ subnetId }) => subnetId === undefined)
        ? besideKey(row.id, row.vpcId)
        : undefined,
    byClientToken: row => besideKey(row.id, row.madeBy?.token),
    bySubnet: row => row.associations.flatMap(({ subnetId }) => besideKey(row.id, subnetId) ?? []),
    byPrefixList: row =>
      row.routes.flatMap(({ destination }) =>
        destination.kind === 'prefix-list' ? (besideKey(row.id, destination.prefixListId) ?? []) : [],
      ),
    byAssociation: row => row.associations.flatMap(link => besideKey(row.id, link.associationId) ?? []),
  },
})
