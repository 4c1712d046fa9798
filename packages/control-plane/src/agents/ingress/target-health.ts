/** What hosts say of the targets of the load balancers that they carry. */
import type { BerthTargetHealth } from '@berth/model'
import {
  loadBalancerOfTargetGroup,
  loadBalancers,
  type TargetRow,
  targetRowId,
  targets,
} from '../../services/elbv2/index.ts'
import type { Store, Transaction } from '../../store/view.ts'
import { isRecord, recordsOf, textOf } from '../frames.ts'

type Report = BerthTargetHealth['targets'][number]

const states: readonly unknown[] = ['initial', 'healthy', 'unhealthy', 'draining', 'drained']

const isReport = (record: unknown): record is Report =>
  isRecord(record) &&
  textOf(record, 'targetGroupArn') !== '' &&
  textOf(record, 'targetId') !== '' &&
  Number.isInteger(record['port']) &&
  states.includes(record['state']) &&
  ['reason', 'description'].every(member => ['string', 'undefined'].includes(typeof record[member]))

/** What a `BerthTargetHealth` message says, one commit of it. What is no report of a target of this host is left out, and counted. */
export const applyTargetHealth = (store: Store, containerInstanceArn: string, message: unknown): number => {
  const records: readonly unknown[] = recordsOf(message, 'targets')
  const reports = records.filter(isReport)
  if (reports.length === 0) return records.length
  return store.update(tx => {
    let strange = records.length - reports.length
    const carried = new Map<string, boolean>()
    for (const report of reports) {
      const { targetGroupArn } = report
      const isCarried = carried.get(targetGroupArn) ?? carries(tx, containerInstanceArn, targetGroupArn)
      carried.set(targetGroupArn, isCarried)
      if (isCarried) apply(tx, report)
      else strange += 1
    }
    return strange
  })
}

const carries = (tx: Transaction, containerInstanceArn: string, targetGroupArn: string): boolean => {
  const loadBalancerArn = loadBalancerOfTargetGroup(tx, targetGroupArn)
  if (loadBalancerArn === undefined) return false
  return tx.get(loadBalancers, loadBalancerArn)?.carried?.containerInstanceArn === containerInstanceArn
}

/** A target that has no connections left is gone before its delay is over; one that was registered again meanwhile stays. */
const apply = (tx: Transaction, report: Report): void => {
  const row = tx.get(targets, targetRowId(report.targetGroupArn, report.targetId, report.port))
  if (row === undefined) return
  const { state, reason, description } = report
  if (state === 'drained' || state === 'draining') {
    if (state === 'drained' && row.drainingSince !== undefined) tx.delete(targets, row.id)
    return
  }
  if (row.drainingSince !== undefined || isSame(row, report)) return
  const health = {
    state,
    ...(reason !== undefined && { reason }),
    ...(description !== undefined && { description }),
  }
  tx.put(targets, { ...row, health })
}

const isSame = ({ health }: TargetRow, { state, reason, description }: Report): boolean =>
  health?.state === state && health.reason === reason && health.description === description
