import type {
  Rollback,
  RunTaskRequest,
  ServiceDeploymentAlarms,
  ServiceDeploymentCircuitBreaker,
  ServiceDeploymentStatus,
  ServiceRevisionSummary,
} from '@aws-sdk/client-ecs'
import { defineHistory, defineTable, type Millis } from '../../../store/table.ts'
import type { StrategyProgress } from '../deployment/strategies/progress.ts'
import { alarmStateId } from './alarm-states.ts'
import type { ServiceRow } from './services.ts'

/** How many tasks of a revision there were, when its service deployment ended. */
export type RevisionCounts = Required<
  Pick<ServiceRevisionSummary, 'requestedTaskCount' | 'runningTaskCount' | 'pendingTaskCount'>
>

/**
 * The process that brings a service from its source revisions to a target revision. Operations write the row of a new one,
 * end the one that it overtakes, and ask for a stop; everything else is the service reconciler's, but for the names of
 * triggered alarms. The latest one of a service is live, its earlier ones are history.
 */
export interface ServiceDeploymentRow {
  /** Its ARN. */
  readonly id: string
  readonly serviceArn: string
  readonly clusterArn: string
  /** The service's createdAt: an earlier service of this name had others. */
  readonly serviceCreatedAt: Millis
  readonly status: ServiceDeploymentStatus
  readonly statusReason?: string | undefined
  /** Deployments that there were when it began, newest first. */
  readonly sourceDeploymentIds: readonly string[]
  readonly targetDeploymentId: string
  /** The service's own while it is under way; as it was when it ended. */
  readonly deploymentConfiguration: ServiceRow['deploymentConfiguration']
  readonly createdAt: Millis
  readonly startedAt?: Millis | undefined
  readonly finishedAt?: Millis | undefined
  readonly stoppedAt?: Millis | undefined
  readonly updatedAt: Millis
  readonly rollback?:
    | (Required<Pick<Rollback, 'reason' | 'serviceRevisionArn'>> & { readonly startedAt: Millis })
    | undefined
  /** Since the circuit breaker has triggered, or the service deployment has ended. */
  readonly circuitBreaker?: ServiceDeploymentCircuitBreaker | undefined
  /** By deployment, when it ended. */
  readonly counts?: Readonly<Record<string, RevisionCounts>> | undefined
  readonly alarms?: DeploymentAlarmsState | undefined
  /** Of a deployment with life-cycle stages: in which it is, and what it waits for. */
  readonly progress?: StrategyProgress | undefined
  /** One before it had begun to move traffic, and has neither got it all nor brought it back: it may go to what is gone. */
  readonly isUndirected?: true | undefined
  /** **Berth**: the task that must end well before the target's own start, as the service had it when this began. */
  readonly preDeployment?:
    | {
        readonly task: Pick<RunTaskRequest, 'launchType' | 'overrides' | 'placementConstraints'> & {
          readonly taskDefinition: string
        }
        readonly timeoutInMinutes: number
      }
    | undefined
  /** The tasks that completing it needs were healthy for the first time: its bake time runs. */
  readonly bakingSince?: Millis | undefined
}

/** Absent from rows of services without alarms. */
export type DeploymentAlarmsState = Required<Pick<ServiceDeploymentAlarms, 'status'>> & {
  readonly alarmNames: readonly string[]
  readonly triggeredAlarmNames: readonly string[]
}

export const serviceDeployments = defineTable<ServiceDeploymentRow>()({
  name: 'ecs.serviceDeployments',
  indexes: {
    byService: row => row.serviceArn,
    /** Watching an alarm. */
    byAlarm: row =>
      row.alarms?.status === 'MONITORING' && !row.rollback && !hasEnded(row)
        ? row.alarms.alarmNames.map(name => alarmStateId(row.serviceArn, name))
        : undefined,
  },
})

/** "The most recent 90-day history" is kept, unless the operator says otherwise. (AWS: "View service history …") */
export const endedServiceDeployments = defineHistory<ServiceDeploymentRow>({
  name: 'ecs.endedServiceDeployments',
  key: row => row.serviceArn,
  keepPerKey: 1_000,
})

/** Statuses that nothing follows. */
const ended: ReadonlySet<ServiceDeploymentStatus> = new Set([
  'SUCCESSFUL',
  'STOPPED',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
])

export const hasEnded = ({ status }: Pick<ServiceDeploymentRow, 'status'>): boolean => ended.has(status)
