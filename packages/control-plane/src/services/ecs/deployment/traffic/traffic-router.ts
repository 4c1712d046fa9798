import type { LoadBalancer } from '@aws-sdk/client-ecs'

/**
 * Who directs a service's traffic to its revisions. Nobody does until load balancers are there; what is built upon it
 * (stages, steps, roll-backs) is proven with a router that only writes down what it was told.
 */
export interface TrafficRouter {
  /** Throws the refusal of load balancers that it cannot direct, or that do not fit the deployment strategy. */
  readonly check: (loadBalancers: readonly LoadBalancer[], strategy: string) => void
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
  /** Grows with every shift of a service deployment: what is older than one that was done is not done any more. */
  readonly sequence: number
}
