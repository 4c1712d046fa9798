/** What the API says of load balancers at one moment. */
import type {
  DescribeListenersOutput,
  DescribeLoadBalancersOutput,
  DescribeRulesOutput,
  DescribeTargetGroupsOutput,
  DescribeTargetHealthOutput,
  LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Leading } from '../servers/sim-server.ts'

export interface SeenTarget {
  readonly targetGroupArn: string
  /** `ID:PORT` */
  readonly place: string
  readonly state: string
}

export interface SeenBalancing {
  readonly loadBalancers: readonly LoadBalancer[]
  readonly targets: readonly SeenTarget[]
  /** Of the default rules of listeners, by the listener's ARN: weights by target group. */
  readonly weights: ReadonlyMap<string, ReadonlyMap<string, number>>
}

export const readBalancing = (leading: Leading): SeenBalancing => {
  const { LoadBalancers = [] } = leading.read('DescribeLoadBalancers', {}) as DescribeLoadBalancersOutput
  return {
    loadBalancers: LoadBalancers,
    targets: readTargets(leading),
    weights: new Map(LoadBalancers.flatMap(({ LoadBalancerArn }) => readWeights(leading, LoadBalancerArn))),
  }
}

const readTargets = (leading: Leading): readonly SeenTarget[] => {
  const { TargetGroups = [] } = leading.read('DescribeTargetGroups', {}) as DescribeTargetGroupsOutput
  return TargetGroups.flatMap(({ TargetGroupArn: targetGroupArn = '' }) => {
    const input = { TargetGroupArn: targetGroupArn }
    const output = leading.read('DescribeTargetHealth', input) as DescribeTargetHealthOutput
    return (output.TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) => ({
      targetGroupArn,
      place: `${Target?.Id}:${Target?.Port}`,
      state: TargetHealth?.State ?? '',
    }))
  })
}

const readWeights = (
  leading: Leading,
  LoadBalancerArn: string | undefined,
): readonly (readonly [string, ReadonlyMap<string, number>])[] => {
  const { Listeners = [] } = leading.read('DescribeListeners', { LoadBalancerArn }) as DescribeListenersOutput
  return Listeners.map(({ ListenerArn = '' }) => {
    const { Rules = [] } = leading.read('DescribeRules', { ListenerArn }) as DescribeRulesOutput
    const groups = Rules.find(({ IsDefault }) => IsDefault)?.Actions?.[0]?.ForwardConfig?.TargetGroups ?? []
    return [
      ListenerArn,
      new Map(groups.map(({ TargetGroupArn = '', Weight = 1 }) => [TargetGroupArn, Weight])),
    ]
  })
}
