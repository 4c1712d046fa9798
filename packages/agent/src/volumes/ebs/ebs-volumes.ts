/** The EBS volume of a task: attached before its first container is created, given back after the last has ended. */
import type { AttachmentStateChange, PayloadContainer, PayloadTask, PayloadVolume } from '@berth/model'
import { cannotInitialize, type VolumeKind } from '../volume-kind.ts'
import type { EbsDriver } from './driver.ts'

/** Told to the control plane until it knows; the newest of an attachment counts. */
export type ReportAttachment = (taskArn: string, change: AttachmentStateChange) => void

/**
 * The group through which users other than root may write to a volume. (AWS: "Specify Amazon EBS volume configuration at
 * Amazon ECS deployment": such users get "group-based permissions".)
 */
export const volumeGroup = 60_999

const longestReason = 1024

export const ebsVolumes = (driver: EbsDriver, report: ReportAttachment): VolumeKind => ({
  prepare: async (payload, volume) => {
    const { ebs } = volume
    if (!ebs) throw cannotInitialize(volume, 'it was not configured at launch')
    const tell = (change: Omit<AttachmentStateChange, 'attachmentArn'>) =>
      report(payload.arn, { attachmentArn: ebs.attachmentId, ...change })
    tell({ status: 'ATTACHING' })
    try {
      const path = await driver.attach({
        ...ebs,
        ...(isSharedWithUsers(payload, volume) && { groupId: volumeGroup }),
      })
      tell({ status: 'ATTACHED' })
      return path
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      tell({ status: 'FAILED', reason: reason.slice(0, longestReason) })
      throw cannotInitialize(volume, reason)
    }
  },
  release: async (payload, volume) => {
    if (!volume.ebs) return
    const { attachmentId, volumeId, deleteOnTermination } = volume.ebs
    report(payload.arn, { attachmentArn: attachmentId, status: 'DETACHING' })
    const isThere = (await driver.list()).includes(volumeId)
    if (deleteOnTermination) await driver.delete(volumeId)
    else if (isThere) await driver.detach(volumeId)
    const isGone = deleteOnTermination || !isThere
    report(payload.arn, { attachmentArn: attachmentId, status: isGone ? 'DELETED' : 'DETACHED' })
  },
})

const isSharedWithUsers = ({ containers }: PayloadTask, volume: PayloadVolume): boolean =>
  containers.some(container => mounts(container, volume) && needsGroup(container))

const mounts = ({ mountPoints }: PayloadContainer, { name }: PayloadVolume): boolean =>
  mountPoints?.some(({ sourceVolume }) => sourceVolume === name) ?? false

/** The users that the definition names; what an image's own user may do, it has to see to itself. */
export const needsGroup = ({ definition }: PayloadContainer): boolean =>
  !/^(root|0)?(:|$)/.test(definition?.user ?? '')
