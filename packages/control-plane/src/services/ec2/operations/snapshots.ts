import type {
  CreateSnapshotRequest,
  DeleteSnapshotRequest,
  DescribeSnapshotsRequest,
  DescribeSnapshotsResult,
  Snapshot,
} from '@aws-sdk/client-ec2'
import { parseArn, scopeKey } from '@berth/model'
import { operation } from '../../service.ts'
import { checkDryRun, ec2Error, invalidParameterValue } from '../errors.ts'
import { type FilterTexts, readFilters, tagFilters, timeText } from '../filters.ts'
import { pageOf } from '../pages.ts'
import { sizeOf, snapshotOf, volumeOf } from '../references.ts'
import { progressOf, snapshotResponse } from '../responses/snapshot.ts'
import {
  newSnapshotId,
  type SnapshotRow,
  snapshotArn,
  snapshotIdOf,
  snapshots,
  volumeArn,
} from '../tables/index.ts'
import { specifiedTags } from '../tags.ts'

/** It is `pending` until the host of the volume has copied it. */
const createSnapshot = operation<CreateSnapshotRequest, Snapshot>({
  name: 'CreateSnapshot',
  effect: 'writes',
  resources: ({ VolumeId = '' }, { scope }) => [volumeArn(scope, VolumeId)],
  handle: (request, { store, scope, now, randomHex }) => {
    const { VolumeId, Description = '', Location, OutpostArn } = request
    if (OutpostArn !== undefined || (Location !== undefined && Location !== 'regional'))
      throw invalidParameterValue('Snapshots are kept on the host of their volume: Location and OutpostArn')
    const tags = specifiedTags(request.TagSpecifications, 'snapshot')
    return store.update(tx => {
      const volume = volumeOf(tx, scope, VolumeId)
      if (volume.state !== 'available' && volume.state !== 'in-use')
        throw ec2Error(
          'IncorrectState',
          `Snapshot can not be taken of volume '${VolumeId}', which is '${volume.state}'.`,
        )
      checkDryRun(request)
      const snapshot: SnapshotRow = {
        id: snapshotArn(scope, newSnapshotId(randomHex)),
        state: 'pending',
        volumeId: VolumeId ?? '',
        containerInstanceArn: volume.containerInstanceArn,
        sizeInGiB: sizeOf(tx, scope, volume),
        description: Description,
        tags,
        startedAt: now,
      }
      tx.put(snapshots, snapshot)
      return snapshotResponse(snapshot)
    })
  },
})

const deleteSnapshot = operation<DeleteSnapshotRequest, object>({
  name: 'DeleteSnapshot',
  effect: 'frees',
  resources: ({ SnapshotId = '' }, { scope }) => [snapshotArn(scope, SnapshotId)],
  handle: (request, { store, scope }) => {
    store.update(tx => {
      const snapshot = snapshotOf(tx, scope, request.SnapshotId)
      checkDryRun(request)
      tx.put(snapshots, { ...snapshot, isDeleted: true })
    })
    return {}
  },
})

const accountOf = ({ id }: SnapshotRow): string | undefined => parseArn(id)?.accountId

const filterTexts: FilterTexts<SnapshotRow> = {
  description: ({ description }) => [description],
  encrypted: () => ['false'],
  'owner-alias': () => [],
  'owner-id': snapshot => [accountOf(snapshot)],
  progress: snapshot => [progressOf(snapshot)],
  'snapshot-id': snapshot => [snapshotIdOf(snapshot)],
  'start-time': ({ startedAt }) => [timeText(startedAt)],
  status: ({ state }) => [state],
  'storage-tier': () => ['standard'],
  'volume-id': ({ volumeId }) => [volumeId],
  'volume-size': ({ sizeInGiB }) => [sizeInGiB?.toString()],
  ...tagFilters(({ tags }: SnapshotRow) => tags),
}

const describeSnapshots = operation<DescribeSnapshotsRequest, DescribeSnapshotsResult>({
  name: 'DescribeSnapshots',
  effect: 'reads',
  resources: () => ['*'],
  handle: (request, { store, scope }) => {
    const { SnapshotIds, Filters, OwnerIds = [], RestorableByUserIds = [] } = request
    checkDryRun(request)
    const passes = readFilters(Filters, filterTexts)
    // Nobody shares snapshots: those that one owns are those that one may restore.
    const isMine = (ids: readonly string[]) =>
      ids.length === 0 || ids.includes('self') || ids.includes(scope.accountId)
    const named = SnapshotIds?.length
      ? SnapshotIds.map(id => snapshotOf(store, scope, id))
      : [...store.where(snapshots, 'byScope', scopeKey(scope))]
    const rows = isMine(OwnerIds) && isMine(RestorableByUserIds) ? named.filter(passes) : []
    const list = `DescribeSnapshots|${scopeKey(scope)}|${JSON.stringify([SnapshotIds, Filters, OwnerIds])}`
    const { items, NextToken } = pageOf(list, request, rows, SnapshotIds)
    return { Snapshots: items.map(snapshotResponse), ...(NextToken && { NextToken }) }
  },
})

export const snapshotOperations = [createSnapshot, deleteSnapshot, describeSnapshots]
