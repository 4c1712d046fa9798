import type { Elbv2Parts } from '../../service-parts.ts'
import { changeListenerOperations } from './change-listener.ts'
import { describeListenerOperations } from './describe-listeners.ts'
import { listenerCertificateOperations } from './listener-certificates.ts'

export const listenerOperations = (parts: Elbv2Parts) => [
  ...changeListenerOperations(parts),
  ...describeListenerOperations,
  ...listenerCertificateOperations(parts.canServe),
]
