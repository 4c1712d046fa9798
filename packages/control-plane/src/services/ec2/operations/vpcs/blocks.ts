import type {
  AssociateVpcCidrBlockRequest,
  AssociateVpcCidrBlockResult,
  DisassociateVpcCidrBlockRequest,
  DisassociateVpcCidrBlockResult,
} from '@aws-sdk/client-ec2'
import type { Transaction } from '../../../../store/view.ts'
import type { Call } from '../../../service.ts'
import { ec2Error, missingParameter } from '../../errors.ts'
import { type Block, contains, formatBlock, overlap, parseBlock } from '../../network/cidr.ts'
import { givenBlock } from '../../network/given-block.ts'
import { containsIpv6, parseIpv6Block } from '../../network/ipv6.ts'
import { beside, idOf, newId, rowOf, vpcKind } from '../../network/kinds.ts'
import { changing, onOne } from '../../network/operations.ts'
import { checkBorderGroup, type Ipv6Settings, nextProvidedBlock } from '../../network/provided-ipv6-blocks.ts'
import { addIpv6Block } from '../../network/vpc-ipv6.ts'
import { blockResponse, ipv6BlockResponse } from '../../responses/vpc.ts'
import { subnets, type VpcBlock, type VpcRow, vpcs } from '../../tables/index.ts'

/** (AWS: "Amazon VPC quotas", IPv4 CIDR blocks per VPC, IPv6 CIDR blocks per VPC) */
const mostBlocks = 5

const blocksOf = ({ blocks }: VpcRow): Block[] => blocks.flatMap(({ cidr }) => parseBlock(cidr) ?? [])

const checkQuota = (vpc: VpcRow, blocks: readonly VpcBlock[] = []): void => {
  if (blocks.length >= mostBlocks)
    throw ec2Error(
      'CidrLimitExceeded',
      `This network '${idOf(vpc)}' has met its maximum number of allowed CIDRs: ${mostBlocks}`,
    )
}

const associate = (settings: Ipv6Settings) =>
  changing<AssociateVpcCidrBlockRequest, AssociateVpcCidrBlockResult>({
    name: 'AssociateVpcCidrBlock',
    takes: ['VpcId', 'CidrBlock', 'AmazonProvidedIpv6CidrBlock', 'Ipv6CidrBlockNetworkBorderGroup'],
    resources: onOne(vpcKind, ({ VpcId }) => VpcId),
    change: (tx, input, call) => {
      const vpc = rowOf(tx, call.scope, vpcKind, input.VpcId, 'vpcId')
      checkBorderGroup(input, call.scope)
      if (!input.AmazonProvidedIpv6CidrBlock) return associateIpv4(tx, call, vpc, input)
      if (input.CidrBlock !== undefined)
        throw ec2Error(
          'InvalidParameterCombination',
          'Only one of cidrBlock and amazonProvidedIpv6CidrBlock may be specified.',
        )
      return associateIpv6(tx, call, vpc, settings)
    },
  })

const associateIpv4 = (
  tx: Transaction,
  { randomHex }: Call,
  vpc: VpcRow,
  { CidrBlock }: AssociateVpcCidrBlockRequest,
): AssociateVpcCidrBlockResult => {
  const block = givenBlock(CidrBlock, 'InvalidVpc.Range')
  if (blocksOf(vpc).some(other => overlap(other, block)))
    throw ec2Error('InvalidVpc.Range', `The CIDR '${CidrBlock}' conflicts with another CIDR of the VPC.`)
  checkQuota(vpc, vpc.blocks)
  const added = { associationId: newId('vpc-cidr-assoc', randomHex), cidr: formatBlock(block) }
  tx.put(vpcs, { ...vpc, blocks: [...vpc.blocks, added] })
  return { VpcId: idOf(vpc), CidrBlockAssociation: blockResponse(added, 'associating') }
}

const associateIpv6 = (
  tx: Transaction,
  call: Call,
  vpc: VpcRow,
  settings: Ipv6Settings,
): AssociateVpcCidrBlockResult => {
  checkQuota(vpc, vpc.ipv6Blocks)
  const { ipv6Blocks = [] } = addIpv6Block(tx, call, vpc, nextProvidedBlock(tx, call.scope, settings))
  const added = ipv6Blocks.at(-1)
  return {
    VpcId: idOf(vpc),
    ...(added && { Ipv6CidrBlockAssociation: ipv6BlockResponse(added, call.scope, 'associating') }),
  }
}

/** One that no subnet has a part of. Its default rules stay, as they may be the user's by now. */
const disassociateIpv6 = (
  tx: Transaction,
  { scope }: Call,
  vpc: VpcRow,
  removed: VpcBlock,
): DisassociateVpcCidrBlockResult => {
  const outer = parseIpv6Block(removed.cidr)
  for (const { ipv6Block } of tx.where(subnets, 'byVpc', beside(scope, idOf(vpc)))) {
    const inner = ipv6Block && parseIpv6Block(ipv6Block.cidr)
    if (outer && inner && containsIpv6(outer, inner))
      throw ec2Error(
        'InvalidCidrBlock.InUse',
        `The vpc IPv6 CIDR block with association ID ${removed.associationId} may not be disassociated, because a subnet has a part of it.`,
      )
  }
  tx.put(vpcs, { ...vpc, ipv6Blocks: vpc.ipv6Blocks?.filter(kept => kept !== removed) })
  return {
    VpcId: idOf(vpc),
    Ipv6CidrBlockAssociation: ipv6BlockResponse(removed, scope, 'disassociating'),
  }
}

const disassociate = changing<DisassociateVpcCidrBlockRequest, DisassociateVpcCidrBlockResult>({
  name: 'DisassociateVpcCidrBlock',
  takes: ['AssociationId'],
  effect: 'frees',
  change: (tx, { AssociationId }, call) => {
    const { scope } = call
    if (!AssociationId) throw missingParameter('associationId')
    const [vpc] = tx.where(vpcs, 'byBlockAssociation', beside(scope, AssociationId))
    const ofIpv6 = vpc?.ipv6Blocks?.find(({ associationId }) => associationId === AssociationId)
    if (vpc && ofIpv6) return disassociateIpv6(tx, call, vpc, ofIpv6)
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

export const vpcBlockOperations = (settings: Ipv6Settings) => [associate(settings), disassociate]
