import type {
  AccessPointDescription,
  CreateAccessPointRequest,
  DeleteAccessPointRequest,
  DescribeAccessPointsRequest,
  DescribeAccessPointsResponse,
} from '@aws-sdk/client-efs'
import { lastSegment, parseArn, scopeKey } from '@berth/model'
import { mergeKeyValueTags } from '../../key-value-tags.ts'
import { takeRows } from '../../row-page.ts'
import { type Call, operation } from '../../service.ts'
import { badRequest, efsError, pageRules, usualPage } from '../errors.ts'
import { accessPointArn, accessPointOf, fileSystemArn, fileSystemOf } from '../references.ts'
import { type AccessPointRow, accessPoints } from '../tables/index.ts'

const description = (row: AccessPointRow): AccessPointDescription => {
  const name = row.tags.find(({ Key }) => Key === 'Name')?.Value
  return {
    ClientToken: row.clientToken,
    ...(name !== undefined && { Name: name }),
    Tags: row.tags.map(tag => ({ ...tag })),
    AccessPointId: lastSegment(row.id),
    AccessPointArn: row.id,
    FileSystemId: lastSegment(row.fileSystemArn),
    ...(row.posixUser && { PosixUser: row.posixUser }),
    RootDirectory: { Path: row.path, ...(row.creationInfo && { CreationInfo: row.creationInfo }) },
    OwnerId: parseArn(row.id)?.accountId,
    LifeCycleState: 'available',
  }
}

const createAccessPoint = operation<CreateAccessPointRequest, AccessPointDescription>({
  name: 'CreateAccessPoint',
  effect: 'writes',
  resources: ({ FileSystemId }, { scope }) => [fileSystemArn(scope, FileSystemId)],
  handle: (request, { store, scope, randomHex }) => {
    const { ClientToken = '', FileSystemId, PosixUser, RootDirectory } = request
    const { Path = '/', CreationInfo } = RootDirectory ?? {}
    if (!Path.startsWith('/') || Path.split('/').includes('..'))
      throw badRequest(`The path of a root directory begins with / and leads to no parent: ${Path}`)
    return store.update(tx => {
      const { id } = fileSystemOf(tx, scope, FileSystemId)
      const [earlier] = tx.where(accessPoints, 'byToken', `${scopeKey(scope)}|${ClientToken}`)
      if (earlier) {
        const AccessPointId = lastSegment(earlier.id)
        const message = `Access point '${AccessPointId}' already exists with client token '${ClientToken}'`
        throw efsError('AccessPointAlreadyExists', message, { AccessPointId })
      }
      const row: AccessPointRow = {
        id: accessPointArn(scope, `fsap-${randomHex(9).slice(1)}`),
        scope: scopeKey(scope),
        fileSystemArn: id,
        clientToken: ClientToken,
        posixUser: PosixUser,
        path: Path,
        creationInfo: CreationInfo,
        tags: mergeKeyValueTags([], request.Tags, badRequest),
      }
      tx.put(accessPoints, row)
      return description(row)
    })
  },
})

const rowsOf = (request: DescribeAccessPointsRequest, { store, scope }: Call): AccessPointRow[] => {
  const { AccessPointId, FileSystemId } = request
  if (AccessPointId !== undefined && FileSystemId !== undefined)
    throw badRequest('Either AccessPointId or FileSystemId can be given.')
  if (AccessPointId !== undefined) return [accessPointOf(store, scope, AccessPointId)]
  return FileSystemId === undefined
    ? [...store.where(accessPoints, 'byScope', scopeKey(scope))]
    : [...store.where(accessPoints, 'byFileSystem', fileSystemOf(store, scope, FileSystemId).id)]
}

const describeAccessPoints = operation<DescribeAccessPointsRequest, DescribeAccessPointsResponse>({
  name: 'DescribeAccessPoints',
  effect: 'reads',
  resources: ({ FileSystemId = '*' }, { scope }) => [fileSystemArn(scope, FileSystemId)],
  handle: (request, call) => {
    const { MaxResults = usualPage, NextToken: token, FileSystemId } = request
    const list = `DescribeAccessPoints|${scopeKey(call.scope)}|${FileSystemId}`
    const page = { MaxResults, NextToken: token }
    const { items, NextToken } = takeRows(list, page, rowsOf(request, call), pageRules)
    return { AccessPoints: items.map(description), ...(NextToken && { NextToken }) }
  },
})

const deleteAccessPoint = operation<DeleteAccessPointRequest, object>({
  name: 'DeleteAccessPoint',
  effect: 'frees',
  resources: ({ AccessPointId }, { scope }) => [accessPointArn(scope, AccessPointId)],
  handle: ({ AccessPointId }, { store, scope }) => {
    store.update(tx => tx.delete(accessPoints, accessPointOf(tx, scope, AccessPointId).id))
    return {}
  },
})

export const accessPointOperations = [createAccessPoint, deleteAccessPoint, describeAccessPoints]
