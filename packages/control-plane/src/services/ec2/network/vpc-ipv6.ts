/** What comes with the first IPv6 block of a VPC: its default rules let IPv6 through, where nobody has changed them. */
import type { Transaction, View } from '../../../store/view.ts'
import type { Call } from '../../service.ts'
import {
  type AclEntry,
  networkAcls,
  type SecurityGroupRow,
  securityGroupRules,
  securityGroups,
  type VpcRow,
  vpcs,
} from '../tables/index.ts'
import { allowEverything, everywhere } from './default-network.ts'
import { beside, idOf, newId } from './kinds.ts'

type Maker = Pick<Call, 'scope' | 'randomHex'>

export const hasIpv6 = ({ ipv6Blocks = [] }: VpcRow): boolean => ipv6Blocks.length > 0

/** What every new security group of a VPC with IPv6 lets out, beside `everywhere`. (AWS: "Default security groups for your VPCs") */
export const everywhereOfIpv6 = { isEgress: true, peer: { kind: 'ipv6', cidr: '::/0' } } as const

export const addIpv6Block = (tx: Transaction, maker: Maker, vpc: VpcRow, cidr: string): VpcRow => {
  const added = { associationId: newId('vpc-cidr-assoc', maker.randomHex), cidr }
  const changed = { ...vpc, ipv6Blocks: [...(vpc.ipv6Blocks ?? []), added] }
  tx.put(vpcs, changed)
  if (!hasIpv6(vpc)) letIpv6Through(tx, maker, vpc)
  return changed
}

const letIpv6Through = (tx: Transaction, maker: Maker, vpc: VpcRow): void => {
  const key = beside(maker.scope, idOf(vpc))
  for (const acl of [...tx.where(networkAcls, 'defaultOfVpc', key)])
    tx.put(networkAcls, {
      ...acl,
      entries: [true, false].flatMap(isEgress => withIpv6(acl.entries, isEgress)),
    })
  for (const group of [...tx.where(securityGroups, 'byVpc', key)])
    if (letsOutAsMade(tx, maker, group)) allowEverything(tx, maker, idOf(group), everywhereOfIpv6)
}

/** "If you've modified the rules of a default network ACL, we do not add the rule." (AWS: "Default network ACL for a VPC") */
const withIpv6 = (entries: readonly AclEntry[], isEgress: boolean): readonly AclEntry[] => {
  const inDirection = entries.filter(entry => entry.isEgress === isEgress)
  const [only, ...others] = inDirection
  const isAsMade =
    only?.ruleNumber === 100 &&
    only.action === 'allow' &&
    only.protocol === '-1' &&
    only.cidr === '0.0.0.0/0' &&
    others.length === 0
  const added = { ruleNumber: 101, isEgress, action: 'allow', protocol: '-1', ipv6Cidr: '::/0' } as const
  return isAsMade ? [only, added] : inDirection
}

const letsOutAsMade = (view: View, { scope }: Maker, group: SecurityGroupRow): boolean => {
  const rules = [...view.where(securityGroupRules, 'byGroup', beside(scope, idOf(group)))]
  const [only, ...others] = rules.filter(({ isEgress }) => isEgress)
  const isEverywhere = only?.peer.kind === 'ipv4' && only.peer.cidr === everywhere.peer.cidr
  return isEverywhere && only.protocol === '-1' && others.length === 0
}
