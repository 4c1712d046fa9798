import type { Tag } from '@aws-sdk/client-ecs'
import { defineTable, type Millis } from '../../../store/table.ts'
import { type AddressSet, emptyAddressSet, giveBackAddress, takeAddress } from '../network/address-set.ts'
import { parseIpv4 } from '../network/cidr.ts'
import type { MadeBy } from '../network/client-token.ts'
import { offsetOf } from '../network/free-address.ts'
import { besideKey, scopeKeyOf } from './scope.ts'

/** (AWS: EC2 API reference, NetworkInterface). Written by operations; one with a holder, by its holder's service. */
export interface NetworkInterfaceRow {
  /** The interface's ARN. */
  readonly id: string
  readonly vpcId: string
  readonly subnetId: string
  readonly availabilityZone: string
  readonly description: string
  readonly interfaceType: 'interface' | 'nat_gateway'
  readonly macAddress: string
  /** The first is the primary one. */
  readonly privateIps: readonly string[]
  readonly ipv6Addresses?: readonly string[] | undefined
  readonly groupIds: readonly string[]
  readonly sourceDestCheck: boolean
  /** Who uses it, and by itself removes it; absent: it is available. */
  readonly requesterId?: string | undefined
  /** Absent: it is of no task and no load balancer. */
  readonly holder?: InterfaceHolder | undefined
  /** The host that carries it, once its holder has one: the network of every host of the VPC goes by it. */
  readonly containerInstanceArn?: string | undefined
  readonly attachment?: InterfaceAttachment | undefined
  /** It has no public address, and reaches through an internet gateway what its host does, under its host's address. */
  readonly sharesHostAddress?: true | undefined
  readonly madeBy?: MadeBy | undefined
  readonly tags: readonly Tag[]
}

export type InterfaceHolder =
  | { readonly kind: 'task'; readonly taskArn: string }
  | { readonly kind: 'load-balancer'; readonly loadBalancerArn: string }

/** (AWS: EC2 API reference, NetworkInterfaceAttachment) */
export interface InterfaceAttachment {
  /** `eni-attach-` and 17 hexadecimal digits. */
  readonly attachmentId: string
  readonly attachedAt: Millis
  /** Absent where the instance is not shown. */
  readonly instanceId?: string | undefined
}

const holderArn = ({ holder }: NetworkInterfaceRow): string | undefined =>
  holder && (holder.kind === 'task' ? holder.taskArn : holder.loadBalancerArn)

const offsetsOf = ({ privateIps }: NetworkInterfaceRow): number[] =>
  privateIps.map(ip => offsetOf(parseIpv4(ip) ?? 0))

export const networkInterfaces = defineTable<NetworkInterfaceRow>()({
  name: 'ec2.network-interfaces',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    byVpc: row => besideKey(row.id, row.vpcId),
    byClientToken: row => besideKey(row.id, row.madeBy?.token),
    bySubnet: row => besideKey(row.id, row.subnetId),
    /** Of both families. */
    byAddress: row =>
      [...row.privateIps, ...(row.ipv6Addresses ?? [])].flatMap(
        ip => besideKey(row.id, `${row.vpcId}/${ip}`) ?? [],
      ),
    byHost: row => row.containerInstanceArn,
    /** By the ARN of the task or load balancer. */
    byHolder: holderArn,
    byGroup: row => row.groupIds.flatMap(id => besideKey(row.id, id) ?? []),
  },
  aggregates: {
    /** Which addresses of a subnet are taken. */
    addresses: {
      key: (row: NetworkInterfaceRow) => besideKey(row.id, row.subnetId),
      empty: emptyAddressSet,
      add: (taken: AddressSet, row: NetworkInterfaceRow) => {
        for (const offset of offsetsOf(row)) takeAddress(taken, offset)
      },
      remove: (taken: AddressSet, row: NetworkInterfaceRow) => {
        for (const offset of offsetsOf(row)) giveBackAddress(taken, offset)
      },
      isEmpty: ({ count }: AddressSet) => count === 0,
    },
    /** How many interfaces of a VPC each host carries. */
    hosts: {
      key: (row: NetworkInterfaceRow) =>
        row.containerInstanceArn === undefined ? undefined : besideKey(row.id, row.vpcId),
      empty: () => new Map<string, number>(),
      add: (hosts: Map<string, number>, { containerInstanceArn = '' }: NetworkInterfaceRow) =>
        hosts.set(containerInstanceArn, (hosts.get(containerInstanceArn) ?? 0) + 1),
      remove: (hosts: Map<string, number>, { containerInstanceArn = '' }: NetworkInterfaceRow) => {
        const left = (hosts.get(containerInstanceArn) ?? 0) - 1
        if (left > 0) hosts.set(containerInstanceArn, left)
        else hosts.delete(containerInstanceArn)
      },
      isEmpty: (hosts: Map<string, number>) => hosts.size === 0,
    },
  },
})
