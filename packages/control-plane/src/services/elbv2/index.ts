/** Elastic Load Balancing: application and network load balancers. */
import type { Service } from '../service.ts'
import { drainingTargetReconciler } from './reconcilers/draining-targets.ts'
import { listeners, loadBalancers, rules, targetGroups, targets, trustStores } from './tables/index.ts'

export * from './tables/index.ts'
export { loadBalancerOfTargetGroup } from './target-group-use.ts'

export const elbv2Service: Service = {
  name: 'elasticloadbalancing',
  client: {
    signingName: 'elasticloadbalancing',
    load: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
  },
  unsupportedCode: 'UnsupportedOperation',
  operations: [],
  tables: [listeners, loadBalancers, rules, targetGroups, targets, trustStores],
  histories: [],
  reconcilers: [drainingTargetReconciler],
}
