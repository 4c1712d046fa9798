import type {
  CreateNetworkAclRequest,
  CreateNetworkAclResult,
  DeleteNetworkAclRequest,
  ReplaceNetworkAclAssociationRequest,
  ReplaceNetworkAclAssociationResult,
} from '@aws-sdk/client-ec2'
import { ec2Error, invalidParameterValue, missingParameter } from '../../errors.ts'
import { madeBefore, madeByOf } from '../../network/client-token.ts'
import { arnOf, beside, idOf, networkAclKind, newId, rowOf, vpcKind } from '../../network/kinds.ts'
import { changing, onOne } from '../../network/operations.ts'
import { networkAclResponse } from '../../responses/route-table.ts'
import { type NetworkAclRow, networkAcls } from '../../tables/index.ts'
import { specifiedTags } from '../../tags.ts'

/** (AWS: "Amazon VPC quotas", network ACLs per VPC) */
const mostAcls = 200

/** A new one denies everything. (AWS: "Custom network ACLs for your VPC") */
const createNetworkAcl = changing<CreateNetworkAclRequest, CreateNetworkAclResult>({
  name: 'CreateNetworkAcl',
  takes: ['VpcId', 'TagSpecifications', 'ClientToken'],
  resources: onOne(vpcKind, ({ VpcId }) => VpcId),
  change: (tx, input, call) => {
    const { scope, randomHex } = call
    const madeBy = madeByOf(input)
    const before = madeBefore(tx, scope, networkAcls, madeBy)
    if (before) return { NetworkAcl: networkAclResponse(before, call) }
    const vpcId = idOf(rowOf(tx, scope, vpcKind, input.VpcId, 'vpcId'))
    if (tx.count(networkAcls, 'byVpc', beside(scope, vpcId)) >= mostAcls)
      throw ec2Error('NetworkAclLimitExceeded', 'The maximum number of network ACLs has been reached.')
    const acl: NetworkAclRow = {
      id: arnOf(networkAclKind, scope, newId('acl', randomHex)),
      vpcId,
      isDefault: false,
      entries: [],
      associations: [],
      ...(madeBy && { madeBy }),
      tags: specifiedTags(input.TagSpecifications, 'network-acl'),
    }
    tx.put(networkAcls, acl)
    return { NetworkAcl: networkAclResponse(acl, call) }
  },
})

const deleteNetworkAcl = changing<DeleteNetworkAclRequest>({
  name: 'DeleteNetworkAcl',
  takes: ['NetworkAclId'],
  effect: 'frees',
  resources: onOne(networkAclKind, ({ NetworkAclId }) => NetworkAclId),
  change: (tx, { NetworkAclId }, { scope }) => {
    const acl = rowOf(tx, scope, networkAclKind, NetworkAclId, 'networkAclId')
    if (acl.isDefault) throw invalidParameterValue(`cannot delete default network ACL ${NetworkAclId}`)
    if (acl.associations.length > 0)
      throw ec2Error(
        'DependencyViolation',
        `The networkAcl '${NetworkAclId}' has dependencies and cannot be deleted.`,
      )
    tx.delete(networkAcls, acl.id)
    return {}
  },
})

/** A subnet is always within one: another one takes its place. */
const replaceNetworkAclAssociation = changing<
  ReplaceNetworkAclAssociationRequest,
  ReplaceNetworkAclAssociationResult
>({
  name: 'ReplaceNetworkAclAssociation',
  takes: ['AssociationId', 'NetworkAclId'],
  resources: onOne(networkAclKind, ({ NetworkAclId }) => NetworkAclId),
  change: (tx, { AssociationId, NetworkAclId }, { scope, randomHex }) => {
    if (!AssociationId) throw missingParameter('associationId')
    const [old] = tx.where(networkAcls, 'byAssociation', beside(scope, AssociationId))
    const link = old?.associations.find(({ associationId }) => associationId === AssociationId)
    if (!old || !link)
      throw ec2Error('InvalidAssociationID.NotFound', `The association ID '${AssociationId}' does not exist`)
    const wanted = rowOf(tx, scope, networkAclKind, NetworkAclId, 'networkAclId')
    if (wanted.vpcId !== old.vpcId)
      throw invalidParameterValue(
        `network ACL ${NetworkAclId} and subnet ${link.subnetId} belong to different networks`,
      )
    tx.put(networkAcls, { ...old, associations: old.associations.filter(other => other !== link) })
    const acl = rowOf(tx, scope, networkAclKind, NetworkAclId, 'networkAclId')
    const made = { associationId: newId('aclassoc', randomHex), subnetId: link.subnetId }
    tx.put(networkAcls, { ...acl, associations: [...acl.associations, made] })
    return { NewAssociationId: made.associationId }
  },
})

export const networkAclOperations = [createNetworkAcl, deleteNetworkAcl, replaceNetworkAclAssociation]
