import type { DescribeVolumesRequest, DescribeVolumesResult } from '@aws-sdk/client-ec2'
import { scopeKey } from '@berth/model'
import { type Call, operation } from '../../service.ts'
import { checkDryRun } from '../errors.ts'
import { type FilterTexts, readFilters, tagFilters, timeText } from '../filters.ts'
import { pageOf } from '../pages.ts'
import { sizeOf, volumeOf } from '../references.ts'
import { volumeResponse } from '../responses/volume.ts'
import { type VolumeRow, volumeIdOf, volumes } from '../tables/index.ts'

const filterTexts = ({ store, scope }: Call): FilterTexts<VolumeRow> => ({
  'attachment.attach-time': ({ attachment }) => [timeText(attachment?.attachedAt)],
  'attachment.delete-on-termination': ({ attachment }) => [
    attachment && String(attachment.deleteOnTermination),
  ],
  // Tasks' volumes are attached to no instance of EC2, under no device name.
  'attachment.device': () => [],
  'attachment.instance-id': () => [],
  'attachment.status': ({ attachment }) => [attachment?.state],
  'availability-zone': ({ availabilityZone }) => [availabilityZone],
  'create-time': ({ createdAt }) => [timeText(createdAt)],
  encrypted: () => ['false'],
  'fast-restored': () => ['false'],
  'multi-attach-enabled': () => ['false'],
  size: volume => [sizeOf(store, scope, volume)?.toString()],
  'snapshot-id': ({ snapshotId }) => [snapshotId],
  status: ({ state }) => [state],
  'volume-id': volume => [volumeIdOf(volume)],
  'volume-type': ({ volumeType }) => [volumeType],
  ...tagFilters(({ tags }: VolumeRow) => tags),
})

export const describeVolumes = operation<DescribeVolumesRequest, DescribeVolumesResult>({
  name: 'DescribeVolumes',
  effect: 'reads',
  resources: () => ['*'],
  handle: (request, call) => {
    const { store, scope } = call
    const { VolumeIds, Filters } = request
    checkDryRun(request)
    const passes = readFilters(Filters, filterTexts(call))
    const named = VolumeIds?.length
      ? VolumeIds.map(id => volumeOf(store, scope, id))
      : [...store.where(volumes, 'byScope', scopeKey(scope))]
    const list = `DescribeVolumes|${scopeKey(scope)}|${JSON.stringify([VolumeIds, Filters])}`
    const { items, NextToken } = pageOf(list, request, named.filter(passes), VolumeIds)
    return {
      Volumes: items.map(volume => volumeResponse(store, scope, volume)),
      ...(NextToken && { NextToken }),
    }
  },
})
