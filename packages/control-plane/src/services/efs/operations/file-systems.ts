import type {
  CreateFileSystemRequest,
  DeleteFileSystemRequest,
  DescribeFileSystemsRequest,
  DescribeFileSystemsResponse,
  FileSystemDescription,
  UpdateFileSystemRequest,
} from '@aws-sdk/client-efs'
import { lastSegment, parseArn, scopeKey } from '@berth/model'
import type { Transaction, View } from '../../../store/view.ts'
import { mergeKeyValueTags } from '../../key-value-tags.ts'
import { takeRows } from '../../row-page.ts'
import { type Call, operation } from '../../service.ts'
import { timestamp } from '../../timestamp.ts'
import { badRequest, efsError, pageRules, usualPage } from '../errors.ts'
import { fileSystemArn, fileSystemOf } from '../references.ts'
import { accessPoints, type FileSystemRow, fileSystems, mountTargets } from '../tables/index.ts'

/** How much a server holds nobody knows here: its sizes are 0. */
const description = (view: View, row: FileSystemRow): FileSystemDescription => {
  const name = row.tags.find(({ Key }) => Key === 'Name')?.Value
  return {
    OwnerId: parseArn(row.id)?.accountId,
    CreationToken: row.creationToken,
    FileSystemId: lastSegment(row.id),
    FileSystemArn: row.id,
    CreationTime: timestamp(row.createdAt),
    LifeCycleState: 'available',
    ...(name !== undefined && { Name: name }),
    NumberOfMountTargets: view.count(mountTargets, 'byFileSystem', row.id),
    SizeInBytes: { Value: 0, ValueInIA: 0, ValueInStandard: 0, ValueInArchive: 0 },
    PerformanceMode: row.performanceMode,
    Encrypted: false,
    ThroughputMode: row.throughputMode,
    ...(row.provisionedThroughput !== undefined && {
      ProvisionedThroughputInMibps: row.provisionedThroughput,
    }),
    ...(row.availabilityZone !== undefined && { AvailabilityZoneName: row.availabilityZone }),
    Tags: row.tags.map(tag => ({ ...tag })),
    FileSystemProtection: { ReplicationOverwriteProtection: 'ENABLED' },
  }
}

const checkThroughput = (mode: string, provisioned: number | undefined): void => {
  if ((mode === 'provisioned') !== (provisioned !== undefined))
    throw badRequest('ProvisionedThroughputInMibps is for ThroughputMode provisioned, and is needed with it.')
}

const createFileSystem = operation<CreateFileSystemRequest, FileSystemDescription>({
  name: 'CreateFileSystem',
  effect: 'writes',
  resources: (_, { scope }) => [fileSystemArn(scope, '*')],
  handle: (request, call) => {
    if (request.Encrypted || request.KmsKeyId !== undefined)
      throw badRequest(
        'Encrypted file systems are not supported by Berth: encrypt the disk of the NFS server.',
      )
    if (request.Backup) throw badRequest('Automatic backups (Backup) are not supported by Berth.')
    return call.store.update(tx => create(tx, request, call))
  },
})

const create = (
  tx: Transaction,
  request: CreateFileSystemRequest,
  { scope, now, randomHex }: Call,
): FileSystemDescription => {
  const { CreationToken = '', PerformanceMode = 'generalPurpose', ThroughputMode = 'bursting' } = request
  checkThroughput(ThroughputMode, request.ProvisionedThroughputInMibps)
  const [earlier] = tx.where(fileSystems, 'byToken', `${scopeKey(scope)}|${CreationToken}`)
  if (earlier) {
    const FileSystemId = lastSegment(earlier.id)
    throw efsError(
      'FileSystemAlreadyExists',
      `File system '${FileSystemId}' already exists with creation token '${CreationToken}'`,
      { FileSystemId },
    )
  }
  const row: FileSystemRow = {
    id: fileSystemArn(scope, `fs-${randomHex(9).slice(1)}`),
    scope: scopeKey(scope),
    creationToken: CreationToken,
    performanceMode: PerformanceMode,
    throughputMode: ThroughputMode,
    provisionedThroughput: request.ProvisionedThroughputInMibps,
    availabilityZone: request.AvailabilityZoneName,
    tags: mergeKeyValueTags([], request.Tags, badRequest),
    createdAt: now,
  }
  tx.put(fileSystems, row)
  return description(tx, row)
}

const rowsOf = (
  { FileSystemId, CreationToken }: DescribeFileSystemsRequest,
  { store, scope }: Call,
): FileSystemRow[] => {
  if (FileSystemId !== undefined && CreationToken !== undefined)
    throw badRequest('Either FileSystemId or CreationToken can be given.')
  if (FileSystemId !== undefined) return [fileSystemOf(store, scope, FileSystemId)]
  return CreationToken === undefined
    ? [...store.where(fileSystems, 'byScope', scopeKey(scope))]
    : [...store.where(fileSystems, 'byToken', `${scopeKey(scope)}|${CreationToken}`)]
}

const describeFileSystems = operation<DescribeFileSystemsRequest, DescribeFileSystemsResponse>({
  name: 'DescribeFileSystems',
  effect: 'reads',
  resources: ({ FileSystemId = '*' }, { scope }) => [fileSystemArn(scope, FileSystemId)],
  handle: (request, call) => {
    const { MaxItems = usualPage, Marker } = request
    const list = `DescribeFileSystems|${scopeKey(call.scope)}|${request.CreationToken}`
    const page = { MaxResults: MaxItems, NextToken: Marker }
    const { items, NextToken } = takeRows(list, page, rowsOf(request, call), pageRules)
    return {
      FileSystems: items.map(row => description(call.store, row)),
      ...(Marker !== undefined && { Marker }),
      ...(NextToken && { NextMarker: NextToken }),
    }
  },
})

const updateFileSystem = operation<UpdateFileSystemRequest, FileSystemDescription>({
  name: 'UpdateFileSystem',
  effect: 'writes',
  resources: ({ FileSystemId }, { scope }) => [fileSystemArn(scope, FileSystemId)],
  handle: (request, { store, scope }) =>
    store.update(tx => {
      const row = fileSystemOf(tx, scope, request.FileSystemId)
      const { ThroughputMode = row.throughputMode, ProvisionedThroughputInMibps } = request
      checkThroughput(ThroughputMode, ProvisionedThroughputInMibps)
      const updated = {
        ...row,
        throughputMode: ThroughputMode,
        provisionedThroughput: ProvisionedThroughputInMibps,
      }
      tx.put(fileSystems, updated)
      return description(tx, updated)
    }),
})

/** The files stay on their server. */
const deleteFileSystem = operation<DeleteFileSystemRequest, object>({
  name: 'DeleteFileSystem',
  effect: 'frees',
  resources: ({ FileSystemId }, { scope }) => [fileSystemArn(scope, FileSystemId)],
  handle: ({ FileSystemId }, { store, scope }) => {
    store.update(tx => {
      const { id } = fileSystemOf(tx, scope, FileSystemId)
      if (tx.count(mountTargets, 'byFileSystem', id) > 0)
        throw efsError('FileSystemInUse', `The file system '${FileSystemId}' has mount targets.`)
      for (const point of [...tx.where(accessPoints, 'byFileSystem', id)]) tx.delete(accessPoints, point.id)
      tx.delete(fileSystems, id)
    })
    return {}
  },
})

export const fileSystemOperations = [
  createFileSystem,
  deleteFileSystem,
  describeFileSystems,
  updateFileSystem,
]
