import { isIPv4 } from 'node:net'
import type {
  CreateMountTargetRequest,
  DeleteMountTargetRequest,
  DescribeMountTargetSecurityGroupsRequest,
  DescribeMountTargetSecurityGroupsResponse,
  DescribeMountTargetsRequest,
  DescribeMountTargetsResponse,
  MountTargetDescription,
} from '@aws-sdk/client-efs'
import { lastSegment, parseArn, scopeKey } from '@berth/model'
import { takeRows } from '../../row-page.ts'
import { type Call, operation } from '../../service.ts'
import { badRequest, efsError, pageRules, usualPage } from '../errors.ts'
import { accessPointOf, fileSystemArn, fileSystemOf, mountTargetArn, mountTargetOf } from '../references.ts'
import { type MountTargetRow, mountTargets } from '../tables/index.ts'

const description = (row: MountTargetRow): MountTargetDescription => ({
  OwnerId: parseArn(row.id)?.accountId,
  MountTargetId: lastSegment(row.id),
  FileSystemId: lastSegment(row.fileSystemArn),
  SubnetId: row.subnetId,
  LifeCycleState: 'available',
  IpAddress: row.ipAddress,
})

/** There is no network that a mount target could be made in: it names the server that there is. */
const createMountTarget = operation<CreateMountTargetRequest, MountTargetDescription>({
  name: 'CreateMountTarget',
  effect: 'writes',
  resources: ({ FileSystemId }, { scope }) => [fileSystemArn(scope, FileSystemId)],
  handle: (request, { store, scope, randomHex }) => {
    const { FileSystemId, SubnetId = '', IpAddress = '', SecurityGroups = [] } = request
    if (request.Ipv6Address !== undefined || ![undefined, 'IPV4_ONLY'].includes(request.IpAddressType))
      throw badRequest('Mount targets have IPv4 addresses: Ipv6Address and IpAddressType are not supported.')
    if (!isIPv4(IpAddress))
      throw badRequest('IpAddress must be the IPv4 address of the NFS server that serves this file system.')
    return store.update(tx => {
      const { id } = fileSystemOf(tx, scope, FileSystemId)
      if ([...tx.where(mountTargets, 'byFileSystem', id)].some(({ subnetId }) => subnetId === SubnetId))
        throw efsError('MountTargetConflict', `There is a mount target in the subnet '${SubnetId}' already.`)
      const row: MountTargetRow = {
        id: mountTargetArn(scope, `fsmt-${randomHex(9).slice(1)}`),
        fileSystemArn: id,
        subnetId: SubnetId,
        ipAddress: IpAddress,
        securityGroups: SecurityGroups,
      }
      tx.put(mountTargets, row)
      return description(row)
    })
  },
})

const rowsOf = (request: DescribeMountTargetsRequest, { store, scope }: Call): MountTargetRow[] => {
  const { FileSystemId, MountTargetId, AccessPointId } = request
  if ([FileSystemId, MountTargetId, AccessPointId].filter(id => id !== undefined).length !== 1)
    throw badRequest('Exactly one of FileSystemId, MountTargetId and AccessPointId is needed.')
  if (MountTargetId !== undefined) return [mountTargetOf(store, scope, MountTargetId)]
  const arn =
    AccessPointId === undefined
      ? fileSystemOf(store, scope, FileSystemId).id
      : accessPointOf(store, scope, AccessPointId).fileSystemArn
  return [...store.where(mountTargets, 'byFileSystem', arn)]
}

const describeMountTargets = operation<DescribeMountTargetsRequest, DescribeMountTargetsResponse>({
  name: 'DescribeMountTargets',
  effect: 'reads',
  resources: ({ FileSystemId = '*' }, { scope }) => [fileSystemArn(scope, FileSystemId)],
  handle: (request, call) => {
    const { MaxItems = usualPage, Marker, FileSystemId, AccessPointId } = request
    const list = `DescribeMountTargets|${scopeKey(call.scope)}|${FileSystemId}|${AccessPointId}`
    const page = { MaxResults: MaxItems, NextToken: Marker }
    const { items, NextToken } = takeRows(list, page, rowsOf(request, call), pageRules)
    return {
      MountTargets: items.map(description),
      ...(Marker !== undefined && { Marker }),
      ...(NextToken && { NextMarker: NextToken }),
    }
  },
})

const deleteMountTarget = operation<DeleteMountTargetRequest, object>({
  name: 'DeleteMountTarget',
  effect: 'frees',
  resources: ({ MountTargetId }, { scope }) => [mountTargetArn(scope, MountTargetId)],
  handle: ({ MountTargetId }, { store, scope }) => {
    store.update(tx => tx.delete(mountTargets, mountTargetOf(tx, scope, MountTargetId).id))
    return {}
  },
})

const describeSecurityGroups = operation<
  DescribeMountTargetSecurityGroupsRequest,
  DescribeMountTargetSecurityGroupsResponse
>({
  name: 'DescribeMountTargetSecurityGroups',
  effect: 'reads',
  resources: ({ MountTargetId }, { scope }) => [mountTargetArn(scope, MountTargetId)],
  handle: ({ MountTargetId }, { store, scope }) => ({
    SecurityGroups: [...mountTargetOf(store, scope, MountTargetId).securityGroups],
  }),
})

export const mountTargetOperations = [
  createMountTarget,
  deleteMountTarget,
  describeMountTargets,
  describeSecurityGroups,
]
