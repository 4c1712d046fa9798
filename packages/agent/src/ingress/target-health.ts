/** What HAProxy's checks say of a target, in AWS's words. */
import type { BerthTargetHealth, TargetGroupFact } from '@berth/model'
import type { ServerRow } from './server-rows.ts'

export type TargetHealth = Pick<BerthTargetHealth['targets'][number], 'state' | 'reason' | 'description'>

/** What is known of a target besides its row. */
export interface TargetRecord {
  readonly isDraining: boolean
  /** Since when it waits for its first passed check; undefined: it has passed one. */
  readonly unprovenSince: number | undefined
}

/** (AWS: Health checks for Application Load Balancer target groups, reason codes) */
const failure = (group: TargetGroupFact, { checkStatus, checkCode }: ServerRow): TargetHealth => {
  const isHttp = group.protocol === 'HTTP' || group.protocol === 'HTTPS'
  if (isHttp && checkStatus === 'L7STS')
    return {
      state: 'unhealthy',
      reason: 'Target.ResponseCodeMismatch',
      description: `Health checks failed with these codes: [${checkCode}]`,
    }
  if (isHttp && checkStatus.endsWith('TOUT'))
    return { state: 'unhealthy', reason: 'Target.Timeout', description: 'Request timed out' }
  return { state: 'unhealthy', reason: 'Target.FailedHealthChecks', description: 'Health checks failed' }
}

const initial: TargetHealth = {
  state: 'initial',
  reason: 'Elb.InitialHealthChecking',
  description: 'Initial health checks in progress',
}

const draining: TargetHealth = {
  state: 'draining',
  reason: 'Target.DeregistrationInProgress',
  description: 'Target deregistration is in progress',
}

const isChecked = ({ checkStatus }: ServerRow): boolean =>
  checkStatus !== '' && !/^(UNK|INI|SOCKERR)$/.test(checkStatus)

export const hasPassed = ({ checkStatus }: ServerRow): boolean => /^L[467]OKC?$/.test(checkStatus)

export const targetHealth = (
  group: TargetGroupFact,
  row: ServerRow,
  { isDraining, unprovenSince }: TargetRecord,
  now: number,
): TargetHealth => {
  const { isEnabled, unhealthyThreshold, intervalSeconds } = group.healthCheck
  if (isDraining) return draining
  if (!isEnabled) return { state: 'healthy' }
  if (unprovenSince !== undefined) {
    const isLate = now - unprovenSince >= unhealthyThreshold * intervalSeconds * 1_000
    return isLate && isChecked(row) ? failure(group, row) : initial
  }
  // A worker that has just begun goes by what the one before it knew.
  if (!isChecked(row)) return row.status.startsWith('UP') ? { state: 'healthy' } : initial
  return row.status.startsWith('DOWN') ? failure(group, row) : { state: 'healthy' }
}
