import type { LoadBalancer } from '@aws-sdk/client-ecs'
import type { View } from '../../../../store/view.ts'
import type { TaskDefinitionRow } from '../../tables/index.ts'

/** What of a service its load balancers must fit. */
export interface BalancedService {
  readonly loadBalancers: readonly LoadBalancer[]
  readonly strategy: string
  readonly taskDefinition: TaskDefinitionRow
}

/** Who directs a service's traffic to its revisions. */
export interface TrafficRouter {
  /** Throws the refusal of load balancers that it cannot direct, or that do not fit the service. */
  readonly check: (view: View, service: BalancedService) => void
  /** Test traffic can be directed, too: the listeners have rules for it. */
  readonly hasTestTraffic: (loadBalancers: readonly LoadBalancer[]) => boolean
}

/** The kind of effect that directs traffic. */
export const shiftKind = 'ecs.shiftTraffic'

/** What the performer of a shift is given. It is done when the traffic is so. */
export interface TrafficShift {
  readonly serviceArn: string
  readonly serviceDeploymentArn: string
  readonly loadBalancers: readonly LoadBalancer[]
  readonly traffic: 'test' | 'production'
  /** Per cent, by the revision's ARN; together 100. */
  readonly weights: Readonly<Record<string, number>>
  /** Those of the revisions whose tasks are in the alternate target groups. */
  readonly inAlternate: readonly string[]
  /** Grows with every shift of a service deployment: what is older than one that was done is not done any more. */
  readonly sequence: number
}
