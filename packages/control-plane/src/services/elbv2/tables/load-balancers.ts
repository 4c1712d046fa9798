import { defineTable, type Millis, type Row } from '../../../store/table.ts'
import type { KeyValueTag } from '../../key-value-tags.ts'
import { besideKey, scopeKeyOf } from './keys.ts'

/** (AWS: Elastic Load Balancing API reference, LoadBalancer). Written by operations, but for `state`, `refusal` and `carried`. */
export interface LoadBalancerRow extends Row {
  /** The ARN: `…:loadbalancer/app/NAME/16 hexadecimal digits`, of network load balancers `net`. */
  readonly id: string
  readonly name: string
  readonly type: 'application' | 'network'
  readonly scheme: 'internet-facing' | 'internal'
  readonly ipAddressType: 'ipv4' | 'dualstack' | 'dualstack-without-public-ipv4'
  readonly vpcId: string
  readonly dnsName: string
  /** In the order of their names; one subnet each. */
  readonly zones: readonly LoadBalancerZone[]
  /** None: a network load balancer that was made without any, which nothing filters. */
  readonly securityGroupIds: readonly string[]
  /** Of a network load balancer with security groups: whether they filter what comes by PrivateLink. */
  readonly filtersPrivateLink?: boolean
  /** What differs from the defaults. (AWS: LoadBalancerAttribute) */
  readonly attributes: Readonly<Record<string, string>>
  /** Made with the first rule that authenticates users, and kept: users stay logged in while rules change. */
  readonly authenticationKeys?: StoredAuthenticationKeys
  readonly createdAt: Millis
  readonly tags: readonly KeyValueTag[]
  /** Written by the reconciler. (AWS: LoadBalancerState) */
  readonly state: {
    readonly code: 'provisioning' | 'active' | 'active_impaired' | 'failed'
    readonly reason?: string
  }
  /** Written by what its host reports: why HAProxy does not take its newest configuration. */
  readonly refusal?: string
  /** Written by the reconciler: what it has been given. */
  readonly carried?: {
    /** Where its listeners listen, in the network of its host. */
    readonly frontAddress: string
    /** The ids of its network interfaces, in the order of its zones. */
    readonly interfaceIds: readonly string[]
    /** The container instance that carries it; absent while none does. */
    readonly containerInstanceArn?: string
  }
}

export interface StoredAuthenticationKeys {
  /** A UUID, by which applications ask for the public key. */
  readonly keyId: string
  /** PEM. */
  readonly publicKey: string
  /** The private key and the secret of sessions: encrypted, bound to the row's id. */
  readonly encrypted: string
}

export interface LoadBalancerZone {
  readonly availabilityZone: string
  readonly subnetId: string
  /** Of an Elastic IP address; network load balancers only. */
  readonly allocationId?: string
  /** That the caller has chosen; network load balancers only. */
  readonly privateIp?: string
}

export const loadBalancers = defineTable<LoadBalancerRow>()({
  name: 'elbv2.load-balancers',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    byName: row => besideKey(row.id, row.name),
    byDnsName: row => row.dnsName.toLowerCase(),
    byVpc: row => besideKey(row.id, row.vpcId),
    bySubnet: row => row.zones.map(({ subnetId }) => besideKey(row.id, subnetId)),
    bySecurityGroup: row => row.securityGroupIds.map(id => besideKey(row.id, id)),
    byFrontAddress: row => row.carried?.frontAddress,
    byAuthenticationKey: row => row.authenticationKeys?.keyId,
    byContainerInstance: row => row.carried?.containerInstanceArn,
    /** Carried by no host. */
    waiting: row => (row.carried?.containerInstanceArn === undefined ? scopeKeyOf(row.id) : undefined),
  },
})
