/** Berth's own service: what ECS's users have asked for and ECS cannot do. (docs/decisions/0008-berth-has-a-service-of-its-own.md) */
import * as client from '@berth/client'
import { authorities } from '../acm/index.ts'
import { loadBalancers } from '../elbv2/index.ts'
import type { Service } from '../service.ts'
import { getCertificateAuthority } from './operations/certificate-authority.ts'
import { historyOperations } from './operations/history.ts'
import { listLoadBalancerAddresses } from './operations/load-balancer-addresses.ts'
import { pauseOperations } from './operations/pauses.ts'
import { preDeploymentTaskOperations } from './operations/pre-deployment-tasks.ts'

export const berthService: Service = {
  name: 'berth',
  client,
  numberMembers: { doubles: {}, longs: {} },
  operations: [
    getCertificateAuthority,
    listLoadBalancerAddresses,
    ...historyOperations,
    ...pauseOperations,
    ...preDeploymentTaskOperations,
  ],
  // What is read of another service.
  tables: [authorities, loadBalancers],
  histories: [],
  reconcilers: [],
}
