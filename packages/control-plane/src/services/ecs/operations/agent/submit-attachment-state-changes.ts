import type {
  SubmitAttachmentStateChangesRequest,
  SubmitAttachmentStateChangesResponse,
} from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { activeCluster } from '../../references.ts'
import { clusterResource } from '../../resource-arns.ts'

/** Reports of network interfaces and volumes that were attached to an instance: none are, until there are such. */
export const submitAttachmentStateChanges = operation<
  SubmitAttachmentStateChangesRequest,
  SubmitAttachmentStateChangesResponse
>({
  name: 'SubmitAttachmentStateChanges',
  effect: 'frees',
  resources: ({ cluster }, { scope }) => [clusterResource(scope, cluster)],
  handle: ({ cluster, attachments }, { store, scope }) => {
    activeCluster(store, scope, cluster)
    const [attachment] = attachments ?? []
    if (attachment === undefined) throw invalidParameter('Attachments cannot be empty.')
    throw invalidParameter(`The referenced attachment ${attachment.attachmentArn} was not found.`)
  },
})
