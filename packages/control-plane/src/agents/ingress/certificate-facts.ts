/** What a host is told of a certificate of a listener that it carries. */
import { type IngressFact, parseArn } from '@berth/model'
import type { ServedCertificate } from '../../services/acm/index.ts'
import type { View } from '../../store/view.ts'
import { keyOf } from './ingress-facts.ts'

/** Undefined where there is none that can be served. */
export type OpenCertificate = (view: View, certificateArn: string) => ServedCertificate | undefined

export const isCertificate = (arn: string): boolean => parseArn(arn)?.service === 'acm'

export const certificateFact = (
  view: View,
  arn: string,
  openCertificate: OpenCertificate,
): IngressFact | undefined => {
  const served = openCertificate(view, arn)
  return served && { key: keyOf('certificate', arn), kind: 'certificate', arn, ...served }
}
