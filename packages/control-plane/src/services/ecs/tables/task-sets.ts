import type {
  LoadBalancer,
  NetworkConfiguration,
  ServiceVolumeConfiguration,
  StabilityStatus,
  Tag,
} from '@aws-sdk/client-ecs'
import { defineTable, type Millis } from '../../../store/table.ts'
import type { FargatePlatform, TaskLaunchType } from './fargate-platform.ts'
import type { PlacementFailure } from './services.ts'

/**
 * A set of alike tasks of a service that another controller than ECS deploys. Operations write what is wanted of it;
 * the service reconciler everything from `computedDesiredCount` on, and removes the row with its last task once it drains.
 * (AWS: TaskSet)
 */
export interface TaskSetRow {
  /** `ecs-svc/` and digits: the tasks' startedBy and deploymentId, too. */
  readonly id: string
  readonly serviceArn: string
  readonly clusterArn: string
  readonly status: 'PRIMARY' | 'ACTIVE' | 'DRAINING'
  readonly taskDefinitionArn: string
  readonly launchType: TaskLaunchType
  readonly networkConfiguration?: NetworkConfiguration | undefined
  /** Of launch type FARGATE. */
  readonly platform?: FargatePlatform | undefined
  /** Absent where nobody directs the service's traffic. */
  readonly loadBalancers?: readonly LoadBalancer[] | undefined
  /** Only of one that was a deployment of ECS: CreateTaskSet takes none. */
  readonly volumeConfigurations?: readonly ServiceVolumeConfiguration[] | undefined
  readonly scale: { readonly value: number; readonly unit: 'PERCENT' }
  readonly externalId?: string | undefined
  readonly startedBy?: string | undefined
  /** As the deployment had it that it was. */
  readonly usesAlternateTargetGroups?: true | undefined
  /** It was a deployment of ECS, which its service still shows as one. */
  readonly wasDeployment?: true | undefined
  /** The row of the clientToken that CreateTaskSet carried. */
  readonly clientTokenId?: string | undefined
  readonly tags: readonly Tag[]
  readonly createdAt: Millis
  readonly updatedAt: Millis
  /** As the reconciler last acted on it; what is wanted now may be another count already. */
  readonly computedDesiredCount: number
  readonly stabilityStatus: StabilityStatus
  readonly stabilityStatusAt: Millis
  /** Set while a task of it cannot be placed. */
  readonly placementFailure?: Omit<PlacementFailure, 'retry'> | undefined
  // What became of its launches, as of a deployment's.
  readonly failedLaunches: number
  readonly failedTasks: number
  readonly lastFailureAt?: Millis | undefined
  readonly launchAfter?: Millis | undefined
  readonly impairedAt?: Millis | undefined
}

export const taskSets = defineTable<TaskSetRow>()({
  name: 'ecs.taskSets',
  indexes: { byService: row => row.serviceArn, byTaskDefinition: row => row.taskDefinitionArn },
})
