/** Elastic Load Balancing: application and network load balancers. */
import type { Service } from '../service.ts'
import { numberMembers } from './number-members.ts'
import { describeAccountLimits } from './operations/account-limits.ts'
import { listenerOperations } from './operations/listeners/index.ts'
import { loadBalancerOperations } from './operations/load-balancers/index.ts'
import { ruleOperations } from './operations/rules/index.ts'
import { describeSslPolicies } from './operations/ssl-policies.ts'
import { tagOperations } from './operations/tags.ts'
import { targetGroupOperations } from './operations/target-groups/index.ts'
import { trustStoreOperations } from './operations/trust-stores/index.ts'
import { drainingTargetReconciler } from './reconcilers/draining-targets.ts'
import type { Elbv2Parts } from './service-parts.ts'
import {
  listeners,
  loadBalancers,
  revocationPieces,
  rules,
  targetGroups,
  targets,
  trustStores,
} from './tables/index.ts'

export { openAuthenticationKeys } from './authentication-keys.ts'
export { certificateUses } from './certificate-uses.ts'
export { hostPortOfListener } from './listener-host-port.ts'
export * from './tables/index.ts'
export { loadBalancerOfTargetGroup } from './target-group-use.ts'
export { mostFileBytes } from './trust-stores/files.ts'
export { fileAt, locationPath } from './trust-stores/locations.ts'

export const elbv2Tables: Service['tables'] = [
  listeners,
  loadBalancers,
  revocationPieces,
  rules,
  targetGroups,
  targets,
  trustStores,
]

export const createElbv2Service = (parts: Elbv2Parts): Service => ({
  name: 'elasticloadbalancing',
  client: {
    signingName: 'elasticloadbalancing',
    load: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
  },
  unsupportedCode: 'UnsupportedOperation',
  numberMembers,
  operations: [
    describeAccountLimits,
    ...loadBalancerOperations,
    ...tagOperations,
    ...targetGroupOperations(parts.isInstance),
    ...listenerOperations(parts),
    ...ruleOperations(parts),
    describeSslPolicies,
    ...trustStoreOperations(parts),
  ],
  tables: elbv2Tables,
  histories: [],
  reconcilers: [drainingTargetReconciler],
})
