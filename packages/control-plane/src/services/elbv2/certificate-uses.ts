import type { CertificateUses } from '../acm/index.ts'
import { type ListenerRow, listeners } from './tables/index.ts'

/** Listeners use certificates; ACM shows their load balancers. (AWS: CertificateDetail, InUseBy) */
export const certificateUses: CertificateUses = {
  table: listeners,
  concerned: ({ before, after }) =>
    [before, after].flatMap(row => (row as ListenerRow | undefined)?.certificateArns ?? []),
  usedBy: (view, certificateArn) => [
    ...new Set([...view.where(listeners, 'byCertificate', certificateArn)].map(row => row.loadBalancerArn)),
  ],
}
