import type { Tag } from '@aws-sdk/client-ecs'
import { defineTable, type Millis } from '../../../store/table.ts'
import { type AddressSet, emptyAddressSet, giveBackAddress, takeAddress } from '../network/address-set.ts'
import { formatIpv4, type Ipv4, parseIpv4 } from '../network/cidr.ts'
import type { MadeBy } from '../network/client-token.ts'
import { offsetOf } from '../network/free-address.ts'
import { besideKey, scopeKeyOf } from './scope.ts'

/** (AWS: EC2 API reference, InternetGateway). Written by operations. */
export interface InternetGatewayRow {
  /** The gateway's ARN. */
  readonly id: string
  /** The VPC that it is attached to. */
  readonly vpcId?: string | undefined
  readonly tags: readonly Tag[]
}

export const internetGateways = defineTable<InternetGatewayRow>()({
  name: 'ec2.internet-gateways',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    byVpc: row => besideKey(row.id, row.vpcId),
  },
})

/** It lets IPv6 out of its VPC. (AWS: EC2 API reference, EgressOnlyInternetGateway). Written by operations. */
export interface EgressOnlyInternetGatewayRow {
  /** The gateway's ARN. */
  readonly id: string
  readonly vpcId: string
  readonly madeBy?: MadeBy | undefined
  readonly tags: readonly Tag[]
}

export const egressOnlyInternetGateways = defineTable<EgressOnlyInternetGatewayRow>()({
  name: 'ec2.egress-only-internet-gateways',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    byVpc: row => besideKey(row.id, row.vpcId),
    byClientToken: row => besideKey(row.id, row.madeBy?.token),
  },
})

/** (AWS: EC2 API reference, NatGateway). Written by operations. */
export interface NatGatewayRow {
  /** The gateway's ARN. */
  readonly id: string
  readonly vpcId: string
  readonly subnetId: string
  readonly connectivityType: 'public' | 'private'
  readonly networkInterfaceId: string
  readonly privateIp: string
  /** Of a public one; absent once it is deleted. */
  readonly allocationId?: string | undefined
  readonly publicIp?: string | undefined
  readonly createdAt: Millis
  /** It is shown as deleted for an hour. */
  readonly deletedAt?: Millis | undefined
  readonly madeBy?: MadeBy | undefined
  readonly tags: readonly Tag[]
}

export const natGateways = defineTable<NatGatewayRow>()({
  name: 'ec2.nat-gateways',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    /** Those that are not deleted. */
    byVpc: row => (row.deletedAt === undefined ? besideKey(row.id, row.vpcId) : undefined),
    /** Of one that is deleted, the token makes another one. */
    byClientToken: row => (row.deletedAt === undefined ? besideKey(row.id, row.madeBy?.token) : undefined),
  },
})

/** An Elastic IP address. (AWS: EC2 API reference, Address). Written by operations; one of a task, by ECS. */
export interface AddressRow {
  /** The address's ARN. */
  readonly id: string
  readonly publicIp: string
  readonly association?: AddressAssociation | undefined
  /** It comes and goes with a task's interface, and nobody has allocated it. */
  readonly isOfTask?: true | undefined
  readonly tags: readonly Tag[]
}

export interface AddressAssociation {
  /** `eipassoc-` and 17 hexadecimal digits. */
  readonly associationId: string
  readonly networkInterfaceId: string
  readonly privateIp: string
  /** It belongs to a NAT gateway, and goes with it. */
  readonly isOfNatGateway?: true | undefined
}

export const addresses = defineTable<AddressRow>()({
  name: 'ec2.addresses',
  indexes: {
    /** Those that were allocated. */
    byScope: row => (row.isOfTask ? undefined : scopeKeyOf(row.id)),
    byAssociation: row => besideKey(row.id, row.association?.associationId),
    byInterface: row => besideKey(row.id, row.association?.networkInterfaceId),
  },
  aggregates: {
    /** Which public addresses are taken, by whatever account, by their /16. */
    pool: {
      key: ({ publicIp }: AddressRow) => publicRangeOf(parseIpv4(publicIp) ?? 0),
      empty: emptyAddressSet,
      add: (taken: AddressSet, row: AddressRow) => takeAddress(taken, poolOffset(row)),
      remove: (taken: AddressSet, row: AddressRow) => giveBackAddress(taken, poolOffset(row)),
      isEmpty: ({ count }: AddressSet) => count === 0,
    },
  },
})

/** The half of an address that is not its place in a set. */
export const publicRangeOf = (address: Ipv4): string => formatIpv4(address - offsetOf(address))

const poolOffset = ({ publicIp }: AddressRow): number => offsetOf(parseIpv4(publicIp) ?? 0)
