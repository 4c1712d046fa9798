/** Berth's own: what a host knows of the networks of its tasks. A host is told of the VPCs that something on it is in. */

export type NetworkFact =
  | VpcFact
  | SubnetFact
  | InterfaceFact
  | AddressFact
  | PeerFact
  | SecurityGroupFact
  | GroupMemberFact
  | NetworkAclFact

/** `vpc/ID` */
export interface VpcFact {
  readonly key: string
  readonly kind: 'vpc'
  readonly vpcId: string
  /** Of its overlay: 1 to 2^24 - 1, and no other VPC's. */
  readonly number: number
  /** IPv4 and IPv6. */
  readonly blocks: readonly string[]
  /** Whether 169.254.169.253 and the address behind the first of its block answer for names. */
  readonly hasDns: boolean
}

/** `subnet/ID`: of every VPC that the host is told of. */
export interface SubnetFact {
  readonly key: string
  readonly kind: 'subnet'
  readonly subnetId: string
  readonly vpcId: string
  readonly block: string
  readonly ipv6Block?: string
  readonly aclId: string
  /** Where its route table leads what is for no VPC: `internet-gateway` lets out what has a public address, and nothing else. */
  readonly outside: 'none' | 'nat-gateway' | 'internet-gateway'
  /** The same of IPv6; absent: nowhere. Through either, what is inside begins; an egress-only gateway lets nothing else in. */
  readonly outsideIpv6?: 'internet-gateway' | 'egress-only-gateway'
}

/** `interface/ID`: one that is on this host. */
export interface InterfaceFact {
  readonly key: string
  readonly kind: 'interface'
  readonly interfaceId: string
  readonly vpcId: string
  readonly subnetId: string
  readonly macAddress: string
  readonly address: string
  readonly ipv6Address?: string
  /** In place of its address where it speaks with the outside. */
  readonly publicAddress?: string
  /** It speaks with the outside under its host's address, through an internet gateway, too. */
  readonly sharesHostAddress?: true
  readonly groupIds: readonly string[]
  readonly holder:
    | { readonly kind: 'task'; readonly taskArn: string }
    | { readonly kind: 'load-balancer'; readonly loadBalancerArn: string }
}

/** `address/VPC/ADDRESS`: of every interface of the VPC, those on this host among them. */
export interface AddressFact {
  readonly key: string
  readonly kind: 'address'
  readonly vpcId: string
  readonly address: string
  /** With the interface's first IPv4 address. */
  readonly ipv6Address?: string
  readonly macAddress: string
  /** The container instance that has it. */
  readonly hostArn: string
}

/** `peer/VPC/ARN`: a host that has addresses of the VPC; this host is among them. */
export interface PeerFact {
  readonly key: string
  readonly kind: 'peer'
  readonly vpcId: string
  readonly hostArn: string
  /** Where it takes packets of overlays. */
  readonly underlayAddress: string
  /** Where the two do not trust what is between them. */
  readonly wireGuard?: { readonly publicKey: string; readonly endpoint?: string }
}

/** `group/ID` */
export interface SecurityGroupFact {
  readonly key: string
  readonly kind: 'group'
  readonly groupId: string
  readonly ingress: readonly SecurityGroupRule[]
  readonly egress: readonly SecurityGroupRule[]
}

export interface SecurityGroupRule {
  /** `-1` for all, `tcp`, `udp`, `icmp`, `icmpv6` or a number. */
  readonly protocol: string
  /** Of ICMP, the type; -1: all. */
  readonly fromPort: number
  /** Of ICMP, the code; -1: all. */
  readonly toPort: number
  /** Blocks are of prefix lists, too; the members of a group are told apart. */
  readonly peer: { readonly blocks: readonly string[] } | { readonly groupId: string }
}

/** `member/GROUP/ADDRESS`: of a group that a rule of a group on this host names; IPv4 and IPv6 addresses are a fact each. */
export interface GroupMemberFact {
  readonly key: string
  readonly kind: 'member'
  readonly groupId: string
  readonly address: string
}

/** `acl/ID` */
export interface NetworkAclFact {
  readonly key: string
  readonly kind: 'acl'
  readonly aclId: string
  /** In the order in which they are looked at; what none of them decides is denied. */
  readonly entries: readonly NetworkAclEntry[]
}

export interface NetworkAclEntry {
  readonly isEgress: boolean
  readonly action: 'allow' | 'deny'
  /** `-1` for all, or a number. */
  readonly protocol: string
  readonly block: string
  readonly ports?: { readonly from: number; readonly to: number }
  /** -1: all. */
  readonly icmp?: { readonly type: number; readonly code: number }
}
