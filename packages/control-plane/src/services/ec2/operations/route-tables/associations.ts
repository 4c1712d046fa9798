import type {
  AssociateRouteTableRequest,
  AssociateRouteTableResult,
  DisassociateRouteTableRequest,
  ReplaceRouteTableAssociationRequest,
  ReplaceRouteTableAssociationResult,
} from '@aws-sdk/client-ec2'
import type { View } from '../../../../store/view.ts'
import type { Call } from '../../../service.ts'
import { ec2Error, invalidParameterValue, missingParameter } from '../../errors.ts'
import { beside, idOf, newId, routeTableKind, rowOf, subnetKind } from '../../network/kinds.ts'
import { changing, onOne } from '../../network/operations.ts'
import { type RouteTableLink, type RouteTableRow, routeTables } from '../../tables/index.ts'

const associated = { State: 'associated' } as const

const associateRouteTable = changing<AssociateRouteTableRequest, AssociateRouteTableResult>({
  name: 'AssociateRouteTable',
  takes: ['RouteTableId', 'SubnetId'],
  resources: onOne(routeTableKind, ({ RouteTableId }) => RouteTableId),
  change: (tx, { RouteTableId, SubnetId }, { scope, randomHex }) => {
    const table = rowOf(tx, scope, routeTableKind, RouteTableId, 'routeTableId')
    const subnet = rowOf(tx, scope, subnetKind, SubnetId, 'subnetId')
    if (subnet.vpcId !== table.vpcId)
      throw invalidParameterValue(
        `route table ${RouteTableId} and subnet ${SubnetId} belong to different networks`,
      )
    if (tx.count(routeTables, 'bySubnet', beside(scope, idOf(subnet))) > 0)
      throw ec2Error(
        'Resource.AlreadyAssociated',
        `the specified association for route table ${RouteTableId} conflicts with an existing association`,
      )
    const link = { associationId: newId('rtbassoc', randomHex), subnetId: idOf(subnet) }
    tx.put(routeTables, { ...table, associations: [...table.associations, link] })
    return { AssociationId: link.associationId, AssociationState: associated }
  },
})

const associationOf = (
  view: View,
  { scope }: Call,
  id: string | undefined,
): { table: RouteTableRow; link: RouteTableLink } => {
  if (!id) throw missingParameter('associationId')
  const [table] = view.where(routeTables, 'byAssociation', beside(scope, id))
  const link = table?.associations.find(({ associationId }) => associationId === id)
  if (!table || !link)
    throw ec2Error('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`)
  return { table, link }
}

const without = (table: RouteTableRow, link: RouteTableLink): RouteTableRow => ({
  ...table,
  associations: table.associations.filter(({ associationId }) => associationId !== link.associationId),
})

const disassociateRouteTable = changing<DisassociateRouteTableRequest>({
  name: 'DisassociateRouteTable',
  takes: ['AssociationId'],
  effect: 'frees',
  change: (tx, { AssociationId }, call) => {
    const { table, link } = associationOf(tx, call, AssociationId)
    if (link.subnetId === undefined)
      throw invalidParameterValue(`cannot disassociate the main route table association ${AssociationId}`)
    tx.put(routeTables, without(table, link))
    return {}
  },
})

/** The main association, too: the new table is the VPC's main one then. */
const replaceRouteTableAssociation = changing<
  ReplaceRouteTableAssociationRequest,
  ReplaceRouteTableAssociationResult
>({
  name: 'ReplaceRouteTableAssociation',
  takes: ['AssociationId', 'RouteTableId'],
  change: (tx, { AssociationId, RouteTableId }, call) => {
    const { table, link } = associationOf(tx, call, AssociationId)
    const { id, vpcId } = rowOf(tx, call.scope, routeTableKind, RouteTableId, 'routeTableId')
    if (vpcId !== table.vpcId)
      throw invalidParameterValue(
        `route table ${RouteTableId} and route table ${idOf(table)} belong to different networks`,
      )
    tx.put(routeTables, without(table, link))
    const next = tx.get(routeTables, id)
    const NewAssociationId = newId('rtbassoc', call.randomHex)
    if (next)
      tx.put(routeTables, {
        ...next,
        associations: [...next.associations, { ...link, associationId: NewAssociationId }],
      })
    return { NewAssociationId, AssociationState: associated }
  },
})

export const routeTableAssociationOperations = [
  associateRouteTable,
  disassociateRouteTable,
  replaceRouteTableAssociation,
]
