import type {
  AssociateVpcCidrBlockRequest,
  AssociateVpcCidrBlockResult,
  DisassociateVpcCidrBlockRequest,
  DisassociateVpcCidrBlockResult,
} from '@aws-sdk/client-ec2'
import { ec2Error, missingParameter } from '../../errors.ts'
import { type Block, contains, formatBlock, overlap, parseBlock } from '../../network/cidr.ts'
import { givenBlock } from '../../network/given-block.ts'
import { beside, idOf, newId, rowOf, vpcKind } from '../../network/kinds.ts'
import { changing, onOne } from '../../network/operations.ts'
import { blockResponse } from '../../responses/vpc.ts'
import { subnets, type VpcRow, vpcs } from '../../tables/index.ts'

/** (AWS: "Amazon VPC quotas", IPv4 CIDR blocks per VPC) */
const mostBlocks = 5

const blocksOf = ({ blocks }: VpcRow): Block[] => blocks.flatMap(({ cidr }) => parseBlock(cidr) ?? [])

const associate = changing<AssociateVpcCidrBlockRequest, AssociateVpcCidrBlockResult>({
  name: 'AssociateVpcCidrBlock',
  takes: ['VpcId', 'CidrBlock'],
  resources: onOne(vpcKind, ({ VpcId }) => VpcId),
  change: (tx, { VpcId, CidrBlock }, { scope, randomHex }) => {
    const vpc = rowOf(tx, scope, vpcKind, VpcId, 'vpcId')
    const block = givenBlock(CidrBlock, 'InvalidVpc.Range')
    if (blocksOf(vpc).some(other => overlap(other, block)))
      throw ec2Error('InvalidVpc.Range', `The CIDR '${CidrBlock}' conflicts with another CIDR of the VPC.`)
    if (vpc.blocks.length >= mostBlocks)
      throw ec2Error(
        'CidrLimitExceeded',
        `This network '${VpcId}' has met its maximum number of allowed CIDRs: ${mostBlocks}`,
      )
    const added = { associationId: newId('vpc-cidr-assoc', randomHex), cidr: formatBlock(block) }
    tx.put(vpcs, { ...vpc, blocks: [...vpc.blocks, added] })
    return { VpcId, CidrBlockAssociation: blockResponse(added, 'associating') }
  },
})

const disassociate = changing<DisassociateVpcCidrBlockRequest, DisassociateVpcCidrBlockResult>({
  name: 'DisassociateVpcCidrBlock',
  takes: ['AssociationId'],
  effect: 'frees',
  change: (tx, { AssociationId }, { scope }) => {
    if (!AssociationId) throw missingParameter('associationId')
    const [vpc] = tx.where(vpcs, 'byBlockAssociation', beside(scope, AssociationId))
    const removed = vpc?.blocks.find(({ associationId }) => associationId === AssociationId)
    if (!vpc || !removed)
      throw ec2Error(
        'InvalidVpcCidrBlockAssociationID.NotFound',
        `The vpc CIDR block association ID '${AssociationId}' does not exist`,
      )
    if (removed === vpc.blocks[0])
      throw ec2Error(
        'OperationNotPermitted',
        `The vpc CIDR block with association ID ${AssociationId} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
      )
    const block = parseBlock(removed.cidr)
    for (const { cidr } of tx.where(subnets, 'byVpc', beside(scope, idOf(vpc)))) {
      const inner = parseBlock(cidr)
      if (block && inner && contains(block, inner))
        throw ec2Error(
          'DependencyViolation',
          `The vpc CIDR block with association ID ${AssociationId} has dependencies and cannot be disassociated.`,
        )
    }
    tx.put(vpcs, { ...vpc, blocks: vpc.blocks.filter(kept => kept !== removed) })
    return { VpcId: idOf(vpc), CidrBlockAssociation: blockResponse(removed, 'disassociating') }
  },
})

export const vpcBlockOperations = [associate, disassociate]
