/** What EC2 shows as instances: the hosts, which it asks ECS for. */
import type { ArchitectureValues } from '@aws-sdk/client-ec2'
import type { Tag } from '@aws-sdk/client-ecs'
import type { Scope } from '@berth/model'
import type { Millis, Row } from '../../store/table.ts'
import type { View } from '../../store/view.ts'

/** Its `id` is the ARN of its container instance. */
export interface HostInstance extends Row {
  /** As the container instance names it. */
  readonly instanceId: string
  readonly availabilityZone: string | undefined
  /** Where other hosts reach it. */
  readonly privateAddress: string | undefined
  readonly architecture: ArchitectureValues | undefined
  /** Its agent is gone for so long that its tasks run elsewhere. */
  readonly isLost: boolean
  readonly launchedAt: Millis
  readonly tags: readonly Tag[]
}

export interface HostInstances {
  readonly all: (view: View, scope: Scope) => Iterable<HostInstance>
  readonly find: (view: View, scope: Scope, instanceId: string) => HostInstance | undefined
}

export const noHostInstances: HostInstances = { all: () => [], find: () => undefined }
