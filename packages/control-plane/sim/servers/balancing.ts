/** Elastic Load Balancing as a server of a run has it: listeners for HTTP only, whose rules and keys nothing has to encrypt. */
import type { TopicSource } from '../../src/agents/facts/topic.ts'
import { ingressTopic } from '../../src/agents/ingress/ingress-topic.ts'
import type { Reconciler } from '../../src/control-loop/plan.ts'
import { acmeOrders } from '../../src/services/acm/index.ts'
import { hasEc2Instance } from '../../src/services/ecs/index.ts'
import { createElbv2Service } from '../../src/services/elbv2/index.ts'
import { ingressReconcilers } from '../../src/services/ingress/index.ts'
import type { Service } from '../../src/services/service.ts'
import type { AnyTable } from '../../src/store/table.ts'

/** For a few load balancers: what one has given back the next one is given. */
const frontAddresses = '127.10.0.0/29'

const refuse = (): never => {
  throw new Error('Nothing here is encrypted')
}

export const balancing: Service = createElbv2Service({
  encryption: { encrypt: refuse, decrypt: refuse, isOwn: refuse },
  isInstance: hasEc2Instance,
  canServe: () => undefined,
})

export const balancingReconcilers: readonly Reconciler[] = [
  ...balancing.reconcilers,
  ...ingressReconcilers(frontAddresses),
]

/** That hosts with load balancers are told of, and that no other service of a run has. */
export const balancingTables: readonly AnyTable[] = [acmeOrders]

export const balancingTopics: readonly TopicSource[] = [
  ingressTopic({
    openSecret: () => undefined,
    openCertificate: () => undefined,
    openAuthenticationKeys: () => undefined,
  }) as TopicSource,
]
