import type {
  CapacityProviderStrategyItem,
  CreateServiceRequest,
  DeploymentRolloutState,
  LoadBalancer,
  NetworkConfiguration,
  PropagateTags,
  Service,
  ServiceVolumeConfiguration,
  Tag,
} from '@aws-sdk/client-ecs'
import { defineHistory, defineTable, type Millis } from '../../../store/table.ts'
import type { FargatePlatform, TaskLaunchType } from './fargate-platform.ts'

/**
 * Operations write the specification; the service reconciler writes `status` INACTIVE and what follows `steadyAt`, and
 * the placement reconciler `placementFailure.retry`. An update of the service forgets `placementFailure`.
 */
export interface ServiceRow {
  /** The service's ARN: a new service may take the name of an INACTIVE one. */
  readonly id: string
  readonly clusterArn: string
  readonly name: string
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE'
  readonly desiredCount: number
  /** Of a service with task sets: the primary one's, and empty without one. */
  readonly taskDefinitionArn: string
  readonly launchType?: TaskLaunchType | undefined
  readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[] | undefined
  readonly schedulingStrategy: 'REPLICA' | 'DAEMON'
  readonly deploymentController?: Service['deploymentController'] | undefined
  /** With ECS's defaults filled in. */
  readonly deploymentConfiguration: NonNullable<Service['deploymentConfiguration']>
  readonly placementConstraints: NonNullable<CreateServiceRequest['placementConstraints']>
  readonly placementStrategy: NonNullable<CreateServiceRequest['placementStrategy']>
  readonly networkConfiguration?: NetworkConfiguration | undefined
  /** Of launch type FARGATE. */
  readonly platform?: FargatePlatform | undefined
  readonly volumeConfigurations?: readonly ServiceVolumeConfiguration[] | undefined
  /** Absent where nobody directs the service's traffic. */
  readonly loadBalancers?: readonly LoadBalancer[] | undefined
  readonly healthCheckGracePeriodSeconds?: number | undefined
  readonly availabilityZoneRebalancing: 'ENABLED' | 'DISABLED'
  readonly enableECSManagedTags: boolean
  readonly enableExecuteCommand: boolean
  readonly propagateTags: PropagateTags
  readonly roleArn?: string | undefined
  readonly createdBy: string
  /** The row of the clientToken that CreateService carried. */
  readonly clientTokenId?: string | undefined
  readonly createdAt: Millis
  readonly tags: readonly Tag[]
  /** The primary deployment; of a service with task sets the primary one of these, and empty without one. */
  readonly primaryDeploymentId: string
  /** What a failed deployment is rolled back to; written by the service reconciler when a deployment completes. */
  readonly lastCompleted?:
    | (Pick<
        DeploymentRow,
        | 'taskDefinitionArn'
        | 'networkConfiguration'
        | 'platform'
        | 'volumeConfigurations'
        | 'loadBalancers'
        | 'usesAlternateTargetGroups'
        | 'imageDigests'
      > & { readonly deploymentId: string })
    | undefined
  /** When the service last said that it has reached a steady state; absent while it has not. */
  readonly steadyAt?: Millis | undefined
  /** Set while a task cannot be placed: nothing is placed before `retry` is set, or a minute has passed. */
  readonly placementFailure?: PlacementFailure | undefined
  /** When the service last said that its percentages let it neither stop nor start a task; absent when they do. */
  readonly blockedAt?: Millis | undefined
  /** Set while tasks move between zones, and while something is in the way of that. */
  readonly rebalancing?: Rebalancing | undefined
  readonly inactiveAt?: Millis | undefined
  /** **Berth**, written by PutPreDeploymentTask: what deployments run before their tasks start, from the next one on. */
  readonly preDeploymentTask?: PreDeploymentTask | undefined
  /** **Berth**, written by PauseService and ResumeService: none of its tasks runs, whatever the desired count. */
  readonly paused?: { readonly at: Millis; readonly by: string } | undefined
}

export interface Rebalancing {
  /** Set while tasks move: the service's desired count, with which they do. */
  readonly desiredCount?: number | undefined
  /** Nothing is moved before this time. */
  readonly notBefore?: Millis | undefined
  /** What was in the way, and when the service said so: it is not repeated for hours. */
  readonly blocked?: { readonly because: string; readonly eventAt: Millis } | undefined
}

/** **Berth**: a task that must end with exit code 0 before a deployment starts tasks. */
export interface PreDeploymentTask {
  /** A family or a revision; absent: the revision that is deployed. */
  readonly taskDefinition?: string | undefined
  readonly command?: readonly string[] | undefined
  /** Which container gets the command. */
  readonly container?: string | undefined
  readonly timeoutInMinutes: number
}

export interface PlacementFailure {
  /** The service's event, which is not repeated for hours. */
  readonly message: string
  /** What is in the way: the message may name another instance of many while it stays the same. */
  readonly cause?: string | undefined
  readonly eventAt: Millis
  readonly triedAt: Millis
  /** Room may have come free since. */
  readonly retry?: true | undefined
}

export const services = defineTable<ServiceRow>()({
  name: 'ecs.services',
  indexes: {
    byCluster: row => `${row.clusterArn}|${row.status}`,
    /** Not INACTIVE ones, which run nothing any more. */
    byTaskDefinition: row => (row.status === 'INACTIVE' ? undefined : row.taskDefinitionArn || undefined),
    /** DAEMON services that want tasks. */
    daemons: row =>
      row.schedulingStrategy === 'DAEMON' && row.status === 'ACTIVE' ? row.clusterArn : undefined,
    /** Services whose tasks are kept balanced over the zones of a cluster. */
    rebalanced: row =>
      row.availabilityZoneRebalancing === 'ENABLED' && row.status === 'ACTIVE' ? row.clusterArn : undefined,
    /** Waiting for room in a cluster. */
    unplaced: row => (row.placementFailure && !row.placementFailure.retry ? row.clusterArn : undefined),
    paused: row => (row.paused && row.status === 'ACTIVE' ? row.clusterArn : undefined),
  },
})

/** One try to bring a service to a task definition. Removed with its last task, but for the primary one. */
export interface DeploymentRow {
  /** `ecs-svc/` and digits: the tasks' startedBy, too. */
  readonly id: string
  readonly serviceArn: string
  readonly status: 'PRIMARY' | 'ACTIVE'
  readonly taskDefinitionArn: string
  readonly desiredCount: number
  readonly launchType?: TaskLaunchType | undefined
  readonly networkConfiguration?: NetworkConfiguration | undefined
  /** Of launch type FARGATE. */
  readonly platform?: FargatePlatform | undefined
  readonly volumeConfigurations?: readonly ServiceVolumeConfiguration[] | undefined
  /** Absent where nobody directs traffic to its tasks. */
  readonly loadBalancers?: readonly LoadBalancer[] | undefined
  /** Its tasks are in the alternate target groups of its load balancers: what it replaces is in the others. */
  readonly usesAlternateTargetGroups?: true | undefined
  /** Consecutive rounds of launches with a task that never reached RUNNING: what the launch back-off grows with. */
  readonly failedLaunches: number
  readonly lastFailureAt?: Millis | undefined
  /** As DescribeServices shows it. */
  readonly failedTasks: number
  /** What the circuit breaker has counted, since a task of it was healthy. */
  readonly breakerFailures?: number | undefined
  /** Made by the circuit breaker, which makes no other of it. */
  readonly isRollback?: true | undefined
  /** No task is launched before this time. */
  readonly launchAfter?: Millis | undefined
  /** When the service last said that it cannot consistently start tasks. */
  readonly impairedAt?: Millis | undefined
  /** By container: what its image's tag stands for in this deployment. Absent: not established, or not yet. */
  readonly imageDigests?: Readonly<Record<string, string>> | undefined
  readonly rolloutState: DeploymentRolloutState
  readonly rolloutStateReason: string
  readonly createdAt: Millis
  readonly updatedAt: Millis
}

export const deployments = defineTable<DeploymentRow>()({
  name: 'ecs.deployments',
  indexes: { byService: row => row.serviceArn, byTaskDefinition: row => row.taskDefinitionArn },
})

export interface ServiceEventRecord {
  readonly id: string
  readonly serviceArn: string
  /** The service's createdAt: events of an earlier service of this name are not its own. */
  readonly serviceCreatedAt: Millis
  readonly createdAt: Millis
  readonly message: string
}

/** DescribeServices shows the newest hundred; the others stay for the operator. */
export const serviceEvents = defineHistory<ServiceEventRecord>({
  name: 'ecs.serviceEvents',
  key: event => event.serviceArn,
  keepPerKey: 10_000,
})
