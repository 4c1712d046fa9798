import { lastSegment, type Scope, serviceArn } from '@berth/model'
import { clusterArnOf } from '../../references.ts'

/** The ARN that a request means, for authorisation: whether there is such a service or not. */
export const serviceResource = (scope: Scope, cluster: string | undefined, reference: string): string =>
  reference.startsWith('arn:')
    ? reference
    : serviceArn(scope, lastSegment(clusterArnOf(scope, cluster)), reference)
