import { defineTable, type Millis } from '../../../store/table.ts'

/** What is known of a CloudWatch alarm. Whoever evaluates alarms writes it; in this release nobody does. */
export interface AlarmStateRow {
  /** `alarmStateId`: account, region and name. */
  readonly id: string
  readonly name: string
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'
  readonly stateChangedAt: Millis
}

/** `arn` is of anything in the alarm's account and region. */
export const alarmStateId = (arn: string, name: string): string => {
  const [, , , region, accountId] = arn.split(':', 5)
  return `${accountId}/${region}/${name}`
}

export const alarmStates = defineTable<AlarmStateRow>()({ name: 'ecs.alarmStates', indexes: {} })
