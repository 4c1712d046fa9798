/** What hosts say of the load balancers that they carry: whose newest configuration HAProxy does not take. */
import type { BerthLoadBalancerRefusals } from '@berth/model'
import { type LoadBalancerRow, loadBalancers } from '../../services/elbv2/index.ts'
import type { Store } from '../../store/view.ts'
import { isRecord, recordsOf, textOf } from '../frames.ts'

type Refusal = BerthLoadBalancerRefusals['refused'][number]

const isRefusal = (record: unknown): record is Refusal =>
  isRecord(record) && textOf(record, 'loadBalancerArn') !== '' && textOf(record, 'reason') !== ''

/** HAProxy may say much. */
const longestReason = 1_000

const withRefusal = (row: LoadBalancerRow, reason: string | undefined): LoadBalancerRow => {
  const { refusal: _, ...rest } = row
  return reason === undefined ? rest : { ...rest, refusal: reason }
}

/** A `BerthLoadBalancerRefusals` message tells all of the host's: the others are taken. A host is believed for what it carries. */
export const applyRefusals = (store: Store, containerInstanceArn: string, message: unknown): void => {
  const reasons = new Map(
    recordsOf(message, 'refused')
      .filter(isRefusal)
      .map(({ loadBalancerArn, reason }) => [loadBalancerArn, reason.slice(0, longestReason)]),
  )
  const changed = [...store.where(loadBalancers, 'byContainerInstance', containerInstanceArn)]
    .map(row => ({ row, reason: reasons.get(row.id) }))
    .filter(({ row, reason }) => row.refusal !== reason)
  if (changed.length === 0) return
  store.update(tx => {
    for (const { row, reason } of changed) tx.put(loadBalancers, withRefusal(row, reason))
  })
}
