/** From rows of EC2 to what hosts know of networks. Pure. */
import type {
  AddressFact,
  GroupMemberFact,
  InterfaceFact,
  NetworkAclFact,
  PeerFact,
  Scope,
  SecurityGroupFact,
  SecurityGroupRule,
  SubnetFact,
  VpcFact,
} from '@berth/model'
import { beside, idOf } from '../../../services/ec2/network/kinds.ts'
import { blocksOfPrefixList } from '../../../services/ec2/network/prefix-list-entries.ts'
import { networkAclOf, wayOut, wayOutOfIpv6 } from '../../../services/ec2/network/ways-out.ts'
import {
  addresses,
  type NetworkAclRow,
  type NetworkInterfaceRow,
  overlayNumberOf,
  type RulePeer,
  type SecurityGroupRow,
  type SecurityGroupRuleRow,
  type SubnetRow,
  securityGroupRules,
  type VpcRow,
} from '../../../services/ec2/tables/index.ts'
import type { ContainerInstanceRow } from '../../../services/ecs/tables/index.ts'
import type { View } from '../../../store/view.ts'

export const vpcFact = (vpc: VpcRow): VpcFact => ({
  key: `vpc/${idOf(vpc)}`,
  kind: 'vpc',
  vpcId: idOf(vpc),
  number: overlayNumberOf(vpc),
  blocks: [...vpc.blocks, ...(vpc.ipv6Blocks ?? [])].map(({ cidr }) => cidr),
  hasDns: vpc.enableDnsSupport,
})

export const subnetFact = (view: View, scope: Scope, subnet: SubnetRow): SubnetFact => {
  const subnetId = idOf(subnet)
  const acl = networkAclOf(view, scope, subnetId)
  const outsideIpv6 = wayOutOfIpv6(view, scope, subnet)
  if (!acl) throw new Error(`The subnet ${subnetId} has no network ACL`)
  return {
    key: `subnet/${subnetId}`,
    kind: 'subnet',
    subnetId,
    vpcId: subnet.vpcId,
    block: subnet.cidr,
    ...(subnet.ipv6Block && { ipv6Block: subnet.ipv6Block.cidr }),
    aclId: idOf(acl),
    outside: wayOut(view, scope, subnet),
    ...(outsideIpv6 && { outsideIpv6 }),
  }
}

export const aclFact = (acl: NetworkAclRow): NetworkAclFact => ({
  key: `acl/${idOf(acl)}`,
  kind: 'acl',
  aclId: idOf(acl),
  entries: [...acl.entries]
    .sort((one, other) => one.ruleNumber - other.ruleNumber)
    .map(({ isEgress, action, protocol, cidr, ipv6Cidr, ports, icmp }) => ({
      isEgress,
      action,
      protocol,
      block: cidr ?? ipv6Cidr ?? '',
      ...(ports && { ports }),
      ...(icmp && { icmp }),
    })),
})

export const interfaceKey = (row: Pick<NetworkInterfaceRow, 'id'>): string => `interface/${idOf(row)}`

/** Undefined of one that no task and no load balancer holds. */
export const interfaceFact = (
  view: View,
  scope: Scope,
  row: NetworkInterfaceRow,
): InterfaceFact | undefined => {
  const { holder, vpcId, subnetId, macAddress, groupIds } = row
  const [address = ''] = row.privateIps
  const [ipv6Address] = row.ipv6Addresses ?? []
  if (!holder) return undefined
  const associated = [...view.where(addresses, 'byInterface', beside(scope, idOf(row)))]
  const elastic = associated.find(({ association }) => association?.privateIp === address)
  return {
    key: interfaceKey(row),
    kind: 'interface',
    interfaceId: idOf(row),
    ...{ vpcId, subnetId, macAddress, address },
    ...(ipv6Address !== undefined && { ipv6Address }),
    ...(elastic && { publicAddress: elastic.publicIp }),
    ...(row.sharesHostAddress && { sharesHostAddress: true }),
    groupIds,
    holder,
  }
}

/** Of every address that it has. */
export const addressKeys = ({ vpcId, privateIps }: NetworkInterfaceRow): readonly string[] =>
  privateIps.map(address => addressKey(vpcId, address))

const addressKey = (vpcId: string, address: string): string => `address/${vpcId}/${address}`

/** Those of one that a host carries. */
export const addressFacts = ({
  vpcId,
  privateIps,
  ipv6Addresses: [ipv6Address] = [],
  macAddress,
  containerInstanceArn: hostArn,
}: NetworkInterfaceRow): readonly AddressFact[] =>
  hostArn === undefined
    ? []
    : privateIps.map((address, index) => ({
        key: addressKey(vpcId, address),
        kind: 'address',
        ...{ vpcId, address, macAddress, hostArn },
        ...(index === 0 && ipv6Address !== undefined && { ipv6Address }),
      }))

/** Of both families. */
const addressesOf = ({ privateIps, ipv6Addresses = [] }: NetworkInterfaceRow): readonly string[] => [
  ...privateIps,
  ...ipv6Addresses.slice(0, 1),
]

export const memberKeys = (groupId: string, row: NetworkInterfaceRow): readonly string[] =>
  addressesOf(row).map(address => memberKey(groupId, address))

const memberKey = (groupId: string, address: string): string => `member/${groupId}/${address}`

/** Those of one that a host carries. */
export const memberFacts = (groupId: string, row: NetworkInterfaceRow): readonly GroupMemberFact[] =>
  row.containerInstanceArn === undefined || !row.groupIds.includes(groupId)
    ? []
    : addressesOf(row).map(address => ({
        key: memberKey(groupId, address),
        kind: 'member',
        ...{ groupId, address },
      }))

const peerOf = (view: View, scope: Scope, peer: RulePeer): SecurityGroupRule['peer'] => {
  if (peer.kind === 'group') return { groupId: peer.groupId }
  if (peer.kind !== 'prefix-list') return { blocks: [peer.cidr] }
  return { blocks: blocksOfPrefixList(view, scope, peer.prefixListId) }
}

export const groupFact = (view: View, scope: Scope, group: SecurityGroupRow): SecurityGroupFact => {
  const rules = [...view.where(securityGroupRules, 'byGroup', beside(scope, idOf(group)))]
  const ruleOf = ({ protocol, fromPort, toPort, peer }: SecurityGroupRuleRow): SecurityGroupRule => ({
    ...{ protocol, fromPort, toPort },
    peer: peerOf(view, scope, peer),
  })
  return {
    key: `group/${idOf(group)}`,
    kind: 'group',
    groupId: idOf(group),
    ingress: rules.filter(({ isEgress }) => !isEgress).map(ruleOf),
    egress: rules.filter(({ isEgress }) => isEgress).map(ruleOf),
  }
}

export const peerKey = (vpcId: string, hostArn: string): string => `peer/${vpcId}/${hostArn}`

const attributeOf = ({ attributes }: ContainerInstanceRow, name: string): string | undefined =>
  attributes.find(attribute => attribute.name === name)?.value

/** Where a host takes packets of overlays, as its agent says it. */
export const underlayOf = (
  host: ContainerInstanceRow,
): Pick<PeerFact, 'underlayAddress' | 'wireGuard'> | undefined => {
  const underlayAddress = attributeOf(host, 'berth.underlay-address')
  const publicKey = attributeOf(host, 'berth.wireguard-key')
  const endpoint = attributeOf(host, 'berth.wireguard-endpoint')
  if (underlayAddress === undefined) return undefined
  if (publicKey === undefined) return { underlayAddress }
  return { underlayAddress, wireGuard: { publicKey, ...(endpoint !== undefined && { endpoint }) } }
}

/** Undefined of a host that does not say where it is reached: hosts do without it. */
export const peerFact = (vpcId: string, host: ContainerInstanceRow): PeerFact | undefined => {
  const underlay = underlayOf(host)
  return underlay && { key: peerKey(vpcId, host.id), kind: 'peer', vpcId, hostArn: host.id, ...underlay }
}
