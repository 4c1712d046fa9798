import { defineTable, type Millis } from '../../../store/table.ts'

/** What a service has yet to say of its targets: what came and went since `since` is said together. */
export interface TargetNewsRow {
  /** The service's ARN. */
  readonly id: string
  readonly since: Millis
  /** How many targets, by the target group's ARN. */
  readonly registered: Counts
  readonly deregistered: Counts
  /** How many tasks began to drain, by the id of their deployment or task set. */
  readonly draining: Counts
}

export type Counts = Readonly<Record<string, number>>

export const targetNews = defineTable<TargetNewsRow>()({ name: 'ecs.targetNews', indexes: {} })
