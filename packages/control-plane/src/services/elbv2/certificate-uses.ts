import type { View } from '../../store/view.ts'
import type { CertificateUses } from '../acm/index.ts'
import { type ListenerRow, listeners, loadBalancers } from './tables/index.ts'

const speaksHttp = (view: View, loadBalancerArn: string): boolean => {
  for (const { protocol } of view.where(listeners, 'byLoadBalancer', loadBalancerArn))
    if (protocol === 'HTTP' || protocol === 'HTTPS') return true
  return false
}

/** Listeners use certificates; ACM shows their load balancers. (AWS: CertificateDetail, InUseBy) */
export const certificateUses: CertificateUses = {
  table: listeners,
  concerned: ({ before, after }) =>
    [before, after].flatMap(row => (row as ListenerRow | undefined)?.certificateArns ?? []),
  usedBy: (view, certificateArn) => [
    ...new Set([...view.where(listeners, 'byCertificate', certificateArn)].map(row => row.loadBalancerArn)),
  ],
  canAnswer: view => {
    for (const { id, carried } of view.all(loadBalancers))
      if (carried?.containerInstanceArn !== undefined && speaksHttp(view, id)) return true
    return false
  },
}
