import { EFS } from '@aws-sdk/client-efs'
import { beforeEach, describe, expect, it } from 'vitest'
import { efsService, servedFileSystem } from '../../packages/control-plane/src/services/efs/index.ts'
import { accountId, region, ServiceEndpoint } from './service-endpoint.ts'

let berth: ServiceEndpoint
let efs: EFS
let FileSystemId: string
beforeEach(async () => {
  berth = new ServiceEndpoint([efsService])
  await berth.store.load()
  efs = new EFS(berth.clientOptions())
  const made = await efs.createFileSystem({ CreationToken: 'one', Tags: [{ Key: 'Name', Value: 'shared' }] })
  FileSystemId = made.FileSystemId ?? ''
})

const refusal = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'not refused',
    (error: Error & { ErrorCode?: string }) => `${error.name} ${error.ErrorCode}: ${error.message}`,
  )
const missing = 'fs-0000000000000dead'
const mount = (change: object = {}) =>
  efs.createMountTarget({ FileSystemId, SubnetId: 'subnet-1', IpAddress: '10.0.0.5', ...change })

describe('a file system', () => {
  it('is told with its defaults', async () => {
    const { FileSystems } = await efs.describeFileSystems({ FileSystemId })
    expect(FileSystemId).toMatch(/^fs-[0-9a-f]{17}$/)
    expect(FileSystems).toEqual([
      {
        OwnerId: accountId,
        CreationToken: 'one',
        FileSystemId,
        FileSystemArn: `arn:aws:elasticfilesystem:${region}:${accountId}:file-system/${FileSystemId}`,
        CreationTime: new Date(berth.clock.now()),
        LifeCycleState: 'available',
        Name: 'shared',
        NumberOfMountTargets: 0,
        SizeInBytes: { Value: 0, ValueInIA: 0, ValueInStandard: 0, ValueInArchive: 0 },
        PerformanceMode: 'generalPurpose',
        Encrypted: false,
        ThroughputMode: 'bursting',
        Tags: [{ Key: 'Name', Value: 'shared' }],
        FileSystemProtection: { ReplicationOverwriteProtection: 'ENABLED' },
      },
    ])
  })

  it('is made once for a creation token', async () => {
    const again = efs.createFileSystem({ CreationToken: 'one' })
    await expect(again).rejects.toMatchObject({
      name: 'FileSystemAlreadyExists',
      ErrorCode: 'FileSystemAlreadyExists',
      FileSystemId,
    })
    expect((await efs.describeFileSystems({ CreationToken: 'one' })).FileSystems).toHaveLength(1)
  })

  it('is refused with what an NFS server does not do', async () => {
    const told = (request: object) => refusal(efs.createFileSystem({ CreationToken: 'two', ...request }))
    expect(await told({ Encrypted: true })).toMatch(/^BadRequest BadRequest: Encrypted file systems/)
    expect(await told({ Backup: true })).toMatch(/^BadRequest BadRequest: Automatic backups/)
    expect(await told({ ThroughputMode: 'provisioned' })).toMatch(/^BadRequest/)
    expect((await efs.describeFileSystems({})).FileSystems).toHaveLength(1)
  })

  it('may change its throughput', async () => {
    const request = { FileSystemId, ThroughputMode: 'provisioned', ProvisionedThroughputInMibps: 10 } as const
    expect(await efs.updateFileSystem(request)).toMatchObject({
      ThroughputMode: 'provisioned',
      ProvisionedThroughputInMibps: 10,
    })
  })

  it('has no policy, no lifecycle and no backups', async () => {
    expect(await efs.describeLifecycleConfiguration({ FileSystemId })).toMatchObject({
      LifecyclePolicies: [],
    })
    expect(await efs.describeBackupPolicy({ FileSystemId })).toMatchObject({
      BackupPolicy: { Status: 'DISABLED' },
    })
    expect(await refusal(efs.describeFileSystemPolicy({ FileSystemId }))).toMatch(
      /^PolicyNotFound PolicyNotFound: /,
    )
  })

  it('is deleted without mount targets only, with its access points', async () => {
    const { MountTargetId } = await mount()
    await efs.createAccessPoint({ FileSystemId })
    expect(await refusal(efs.deleteFileSystem({ FileSystemId }))).toMatch(
      /^FileSystemInUse FileSystemInUse: /,
    )
    await efs.deleteMountTarget({ MountTargetId })
    await efs.deleteFileSystem({ FileSystemId })
    expect(await refusal(efs.describeFileSystems({ FileSystemId }))).toMatch(/^FileSystemNotFound /)
    expect((await efs.describeAccessPoints({})).AccessPoints).toEqual([])
  })

  it('is told page by page', async () => {
    for (const CreationToken of ['two', 'three']) await efs.createFileSystem({ CreationToken })
    const first = await efs.describeFileSystems({ MaxItems: 2 })
    const second = await efs.describeFileSystems({ MaxItems: 2, Marker: first.NextMarker })
    expect([first.FileSystems?.length, second.FileSystems?.length, second.NextMarker]).toEqual([
      2,
      1,
      undefined,
    ])
  })
})

describe('a mount target', () => {
  it('is the NFS server that serves the file system', async () => {
    const made = await mount({ SecurityGroups: ['sg-1'] })
    expect(made).toMatchObject({
      OwnerId: accountId,
      FileSystemId,
      SubnetId: 'subnet-1',
      LifeCycleState: 'available',
      IpAddress: '10.0.0.5',
    })
    const { MountTargetId } = made
    expect((await efs.describeMountTargets({ FileSystemId })).MountTargets).toMatchObject([{ MountTargetId }])
    expect(await efs.describeMountTargetSecurityGroups({ MountTargetId })).toMatchObject({
      SecurityGroups: ['sg-1'],
    })
  })

  it('names an address, and is one of its subnet', async () => {
    expect(await refusal(mount({ IpAddress: undefined }))).toMatch(
      /^BadRequest BadRequest: IpAddress must be the IPv4 address of the NFS server/,
    )
    expect(await refusal(mount({ FileSystemId: missing }))).toMatch(/^FileSystemNotFound /)
    await mount()
    expect(await refusal(mount())).toMatch(/^MountTargetConflict /)
    expect(await refusal(efs.describeMountTargets({}))).toMatch(/^BadRequest /)
  })

  it('tells tasks where their file system and its access points are', async () => {
    const served = () => servedFileSystem(berth.store, { accountId, region }, FileSystemId)
    expect(served()).toBeUndefined()
    await mount()
    const { AccessPointId = '' } = await efs.createAccessPoint({
      FileSystemId,
      RootDirectory: { Path: '/app' },
    })
    expect(served()).toEqual({ address: '10.0.0.5', accessPoints: { [AccessPointId]: { path: '/app' } } })
  })
})

describe('an access point', () => {
  it('keeps what it was made with, once for a token', async () => {
    const request = {
      ClientToken: 'token',
      FileSystemId,
      PosixUser: { Uid: 1000, Gid: 1000 },
      RootDirectory: { Path: '/app', CreationInfo: { OwnerUid: 1, OwnerGid: 2, Permissions: '0755' } },
      Tags: [{ Key: 'Name', Value: 'app' }],
    }
    const { AccessPointId } = await efs.createAccessPoint(request)
    const { AccessPoints } = await efs.describeAccessPoints({ AccessPointId })
    expect(AccessPoints).toMatchObject([{ ...request, Name: 'app', LifeCycleState: 'available' }])
    await expect(efs.createAccessPoint(request)).rejects.toMatchObject({
      name: 'AccessPointAlreadyExists',
      AccessPointId,
    })
    await efs.deleteAccessPoint({ AccessPointId })
    expect(await refusal(efs.describeAccessPoints({ AccessPointId }))).toMatch(/^AccessPointNotFound /)
  })

  it('leads to no parent', async () => {
    const call = efs.createAccessPoint({ FileSystemId, RootDirectory: { Path: '/../etc' } })
    expect(await refusal(call)).toMatch(/^BadRequest BadRequest: The path of a root directory/)
  })
})

it('file systems and access points are tagged by id and by ARN', async () => {
  const { AccessPointArn } = await efs.createAccessPoint({ FileSystemId })
  for (const ResourceId of [FileSystemId, AccessPointArn]) {
    await efs.tagResource({ ResourceId, Tags: [{ Key: 'stage', Value: 'test' }] })
    expect((await efs.listTagsForResource({ ResourceId })).Tags).toContainEqual({
      Key: 'stage',
      Value: 'test',
    })
    await efs.untagResource({ ResourceId, TagKeys: ['stage', 'Name'] })
    expect((await efs.listTagsForResource({ ResourceId })).Tags).toEqual([])
  }
})

it('what Berth does not do of EFS is refused by name', async () => {
  const call = efs.putFileSystemPolicy({ FileSystemId, Policy: '{}' })
  expect(await refusal(call)).toContain('PutFileSystemPolicy is not supported by Berth yet.')
})
