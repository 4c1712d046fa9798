import { defineTable, type Millis, type Row } from '../../../store/table.ts'
import { besideKey } from './keys.ts'

/** (AWS: Elastic Load Balancing API reference, TargetDescription). Written by operations and by ECS, but for `health`. */
export interface TargetRow extends Row {
  /** `ARN OF THE TARGET GROUP|ID|PORT` */
  readonly id: string
  readonly targetGroupArn: string
  /** An instance's id, or an address. */
  readonly targetId: string
  readonly port: number
  /** That the caller has named, or that the address is in: one of the region's, or `all`. */
  readonly availabilityZone?: string
  /** The task that ECS has registered it for. */
  readonly taskArn?: string
  readonly registeredAt: Millis
  /** When it was deregistered: it drains until its group's deregistration delay is over, and then it goes. */
  readonly drainingSince?: Millis
  /** Written by reports; absent until the first one. */
  readonly health?: TargetHealthReport
}

/** What the host that carries the load balancer says. (AWS: TargetHealth) */
export interface TargetHealthReport {
  readonly state: 'initial' | 'healthy' | 'unhealthy'
  readonly reason?: string
  readonly description?: string
}

export const targetRowId = (targetGroupArn: string, targetId: string, port: number): string =>
  `${targetGroupArn}|${targetId}|${port}`

/** The targets of a group, by what is known of them. */
export interface TargetCounts {
  /** Neither healthy nor draining. */
  other: number
  healthy: number
  draining: number
}

const stateOf = ({ drainingSince, health }: TargetRow): keyof TargetCounts => {
  if (drainingSince !== undefined) return 'draining'
  return health?.state === 'healthy' ? 'healthy' : 'other'
}

export const targets = defineTable<TargetRow>()({
  name: 'elbv2.targets',
  indexes: {
    byTargetGroup: row => row.targetGroupArn,
    byTask: row => row.taskArn,
    /** By the instance or address, in whatever group. */
    byTarget: row => besideKey(row.targetGroupArn, row.targetId),
    drainingByTargetGroup: row => (row.drainingSince === undefined ? undefined : row.targetGroupArn),
  },
  aggregates: {
    counts: {
      key: (row: TargetRow) => row.targetGroupArn,
      empty: (): TargetCounts => ({ other: 0, healthy: 0, draining: 0 }),
      add: (total: TargetCounts, row: TargetRow) => {
        total[stateOf(row)]++
      },
      remove: (total: TargetCounts, row: TargetRow) => {
        total[stateOf(row)]--
      },
      isEmpty: ({ other, healthy, draining }: TargetCounts) => other + healthy + draining === 0,
    },
  },
})
