import type {
  AssociateSubnetCidrBlockRequest,
  AssociateSubnetCidrBlockResult,
  DisassociateSubnetCidrBlockRequest,
  DisassociateSubnetCidrBlockResult,
} from '@aws-sdk/client-ec2'
import type { Call } from '../../../service.ts'
import { ec2Error, missingParameter } from '../../errors.ts'
import { formatIpv6Block } from '../../network/ipv6.ts'
import { arnOf, beside, idOf, newId, rowOf, subnetKind, vpcKind } from '../../network/kinds.ts'
import { changing, onOne } from '../../network/operations.ts'
import { givenSubnetIpv6Block } from '../../network/subnet-ipv6-block.ts'
import { subnetIpv6Response } from '../../responses/vpc.ts'
import { networkInterfaces, subnets, vpcs } from '../../tables/index.ts'

/** "You can only associate a single IPv6 CIDR block with your subnet." */
const associate = changing<AssociateSubnetCidrBlockRequest, AssociateSubnetCidrBlockResult>({
  name: 'AssociateSubnetCidrBlock',
  takes: ['SubnetId', 'Ipv6CidrBlock'],
  resources: onOne(subnetKind, ({ SubnetId }) => SubnetId),
  change: (tx, { SubnetId, Ipv6CidrBlock }, { scope, randomHex }: Call) => {
    const subnet = rowOf(tx, scope, subnetKind, SubnetId, 'subnetId')
    if (Ipv6CidrBlock === undefined) throw missingParameter('ipv6CidrBlock')
    if (subnet.ipv6Block)
      throw ec2Error(
        'CidrLimitExceeded',
        `This subnet '${SubnetId}' has met its maximum number of allowed IPv6 CIDRs: 1`,
      )
    const vpc = tx.get(vpcs, arnOf(vpcKind, scope, subnet.vpcId))
    if (!vpc) throw new Error(`The subnet ${SubnetId} has no VPC`)
    const ipv6Block = {
      associationId: newId('subnet-cidr-assoc', randomHex),
      cidr: formatIpv6Block(givenSubnetIpv6Block(tx, scope, vpc, Ipv6CidrBlock)),
    }
    tx.put(subnets, { ...subnet, ipv6Block })
    return { SubnetId, Ipv6CidrBlockAssociation: subnetIpv6Response(ipv6Block, 'associating') }
  },
})

const disassociate = changing<DisassociateSubnetCidrBlockRequest, DisassociateSubnetCidrBlockResult>({
  name: 'DisassociateSubnetCidrBlock',
  takes: ['AssociationId'],
  effect: 'frees',
  change: (tx, { AssociationId }, { scope }) => {
    if (!AssociationId) throw missingParameter('associationId')
    const [subnet] = tx.where(subnets, 'byIpv6Association', beside(scope, AssociationId))
    if (!subnet?.ipv6Block)
      throw ec2Error(
        'InvalidSubnetCidrBlockAssociationID.NotFound',
        `The subnet CIDR block with association ID '${AssociationId}' does not exist`,
      )
    const refuse = (why: string): Error =>
      ec2Error(
        'InvalidCidrBlock.InUse',
        `The subnet IPv6 CIDR block with association ID ${AssociationId} may not be disassociated, because ${why}`,
      )
    if (subnet.assignsIpv6) throw refuse('its subnet has assign-ipv6-address-on-creation set to true.')
    for (const row of tx.where(networkInterfaces, 'bySubnet', beside(scope, idOf(subnet))))
      if (row.ipv6Addresses?.length) throw refuse(`${idOf(row)} has an address of it.`)
    tx.put(subnets, { ...subnet, ipv6Block: undefined })
    return {
      SubnetId: idOf(subnet),
      Ipv6CidrBlockAssociation: subnetIpv6Response(subnet.ipv6Block, 'disassociating'),
    }
  },
})

export const subnetBlockOperations = [associate, disassociate]
