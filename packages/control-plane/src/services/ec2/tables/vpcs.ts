import type { Tag } from '@aws-sdk/client-ecs'
import { defineTable } from '../../../store/table.ts'
import { besideKey, scopeKeyOf } from './scope.ts'

/** Of an account in a region: what was made with its first look at a network. Written by operations. */
export interface NetworkAccountRow {
  /** Account and region. */
  readonly id: string
  /** Of the DHCP options that every VPC has. */
  readonly dhcpOptionsId: string
}

export const networkAccounts = defineTable<NetworkAccountRow>()({ name: 'ec2.network-accounts', indexes: {} })

/** (AWS: EC2 API reference, Vpc). Written by operations. */
export interface VpcRow {
  /** The VPC's ARN. */
  readonly id: string
  /** The first one is the VPC's own; the others were associated later. */
  readonly blocks: readonly VpcBlock[]
  readonly ipv6Blocks?: readonly VpcBlock[] | undefined
  readonly isDefault: boolean
  readonly enableDnsSupport: boolean
  readonly enableDnsHostnames: boolean
  readonly tags: readonly Tag[]
}

export interface VpcBlock {
  /** `vpc-cidr-assoc-` and 17 hexadecimal digits. */
  readonly associationId: string
  readonly cidr: string
}

/** Of the overlay that joins a VPC's hosts: the last six digits of its id, which no other VPC has, of whatever account. */
export const overlayNumberOf = ({ id }: Pick<VpcRow, 'id'>): number => Number.parseInt(id.slice(-6), 16)

export const vpcs = defineTable<VpcRow>()({
  name: 'ec2.vpcs',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    byOverlayNumber: row => String(overlayNumberOf(row)),
    defaultOfScope: row => (row.isDefault ? scopeKeyOf(row.id) : undefined),
    byBlockAssociation: row =>
      [...row.blocks, ...(row.ipv6Blocks ?? [])].flatMap(
        ({ associationId }) => besideKey(row.id, associationId) ?? [],
      ),
    /** Of whatever account. */
    byIpv6Block: row => row.ipv6Blocks?.map(({ cidr }) => cidr),
  },
})

/** (AWS: EC2 API reference, Subnet). Written by operations. */
export interface SubnetRow {
  /** The subnet's ARN. */
  readonly id: string
  readonly vpcId: string
  readonly cidr: string
  readonly availabilityZone: string
  readonly isDefaultForZone: boolean
  readonly mapPublicIpOnLaunch: boolean
  /** What names of hosts are made of, and which records of it there are. */
  readonly hostnameType: 'ip-name' | 'resource-name'
  readonly resourceNameARecord: boolean
  readonly resourceNameAaaaRecord?: true | undefined
  /** The address that was given last. */
  readonly lastGiven?: string | undefined
  readonly ipv6Block?: SubnetIpv6Block | undefined
  /** New interfaces have an IPv6 address unless they say otherwise. */
  readonly assignsIpv6?: true | undefined
  readonly tags: readonly Tag[]
}

/** (AWS: EC2 API reference, SubnetIpv6CidrBlockAssociation) */
export interface SubnetIpv6Block {
  /** `subnet-cidr-assoc-` and 17 hexadecimal digits. */
  readonly associationId: string
  readonly cidr: string
  /** The address that was given last. */
  readonly lastGiven?: string | undefined
}

export const subnets = defineTable<SubnetRow>()({
  name: 'ec2.subnets',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    byVpc: row => besideKey(row.id, row.vpcId),
    byIpv6Association: row => besideKey(row.id, row.ipv6Block?.associationId),
  },
})
