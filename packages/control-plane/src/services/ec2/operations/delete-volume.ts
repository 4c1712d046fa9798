import type { DeleteVolumeRequest } from '@aws-sdk/client-ec2'
import { lastSegment } from '@berth/model'
import { operation } from '../../service.ts'
import { checkDryRun, ec2Error } from '../errors.ts'
import { volumeOf } from '../references.ts'
import { isToBeDeleted, type VolumeRow, volumeArn, volumes } from '../tables/index.ts'

/** The volume is `deleting` until its host has removed it, and gone then. */
export const deleteVolume = operation<DeleteVolumeRequest, object>({
  name: 'DeleteVolume',
  effect: 'frees',
  resources: ({ VolumeId = '' }, { scope }) => [volumeArn(scope, VolumeId)],
  handle: (request, { store, scope }) => {
    store.update(tx => {
      const volume = volumeOf(tx, scope, request.VolumeId)
      checkState(volume)
      checkDryRun(request)
      if (!isToBeDeleted(volume)) tx.put(volumes, { ...volume, state: 'deleting' })
    })
    return {}
  },
})

const checkState = ({ id, state, attachment }: VolumeRow): void => {
  if (attachment)
    throw ec2Error('VolumeInUse', `Volume ${lastSegment(id)} is currently attached to ${attachment.taskArn}`)
  if (state !== 'available' && state !== 'deleting')
    throw ec2Error('IncorrectState', `The volume '${lastSegment(id)}' is not 'available'.`)
}
