import type { Service } from '../../../service.ts'
import { discoverPollEndpoint } from './discover-poll-endpoint.ts'
import { submitAttachmentStateChanges } from './submit-attachment-state-changes.ts'
import { submitContainerStateChange } from './submit-container-state-change.ts'
import { submitTaskStateChange } from './submit-task-state-change.ts'

export const agentOperations: Service['operations'] = [
  discoverPollEndpoint,
  submitAttachmentStateChanges,
  submitContainerStateChange,
  submitTaskStateChange,
]

/** What the official agent sends beyond the published model; nothing here depends on either. */
export const agentMembers: NonNullable<Service['extraMembers']> = {
  DiscoverPollEndpointRequest: ['zoneId'],
  RegisterContainerInstanceRequest: ['clientToken'],
}
