/** Facts for tests: a load balancer in few words. */
import type {
  IngressAction,
  IngressFact,
  IngressRule,
  ListenerFact,
  LoadBalancerFact,
  TargetFact,
  TargetGroupFact,
} from '@berth/model'

const elb = 'arn:aws:elasticloadbalancing:us-east-1:123456789012'
export const loadBalancerArn = `${elb}:loadbalancer/app/web/50dc6c495c0c9188`
export const groupArn = (name: string): string => `${elb}:targetgroup/${name}/73e2d6bc24d8a067`
export const listenerArn = (port: number): string =>
  `${elb}:listener/app/web/50dc6c495c0c9188/${port.toString(16).padStart(16, '0')}`

export const loadBalancerFact = (changes: Partial<LoadBalancerFact> = {}): LoadBalancerFact => ({
  key: `load-balancer/${loadBalancerArn}`,
  kind: 'load-balancer',
  arn: loadBalancerArn,
  type: 'application',
  frontAddress: '127.0.9.1',
  attributes: {},
  ...changes,
})

export const forwardTo = (...weights: (readonly [group: string, weight: number])[]): IngressAction => ({
  type: 'forward',
  targetGroups: weights.map(([group, weight]) => ({ arn: groupArn(group), weight })),
})

export const ruleOf = (...actions: IngressAction[]): IngressRule => ({
  arn: 'rule',
  conditions: [],
  actions,
  transforms: [],
})

export const listenerFact = (port: number, changes: Partial<ListenerFact> = {}): ListenerFact => ({
  key: `listener/${listenerArn(port)}`,
  kind: 'listener',
  arn: listenerArn(port),
  loadBalancerArn,
  port,
  protocol: 'HTTP',
  certificateArns: [],
  attributes: {},
  rules: [ruleOf(forwardTo(['blue', 1]))],
  ...changes,
})

export const groupFact = (name: string, changes: Partial<TargetGroupFact> = {}): TargetGroupFact => ({
  key: `target-group/${groupArn(name)}`,
  kind: 'target-group',
  arn: groupArn(name),
  targetType: 'ip',
  protocol: 'HTTP',
  protocolVersion: 'HTTP1',
  healthCheck: {
    isEnabled: true,
    protocol: 'HTTP',
    path: '/',
    matcher: '200',
    intervalSeconds: 30,
    timeoutSeconds: 5,
    healthyThreshold: 5,
    unhealthyThreshold: 2,
  },
  attributes: {},
  ...changes,
})

export const targetFact = (group: string, port: number, changes: Partial<TargetFact> = {}): TargetFact => ({
  key: `target/${groupArn(group)}/127.0.0.1/${port}`,
  kind: 'target',
  targetGroupArn: groupArn(group),
  address: '127.0.0.1',
  isInVpc: false,
  port,
  targetId: '127.0.0.1',
  isDraining: false,
  ...changes,
})

/** The usual load balancer with one listener and the groups blue and green. */
export const usualFacts = (
  listener: Partial<ListenerFact> = {},
  group: Partial<TargetGroupFact> = {},
  loadBalancer: Partial<LoadBalancerFact> = {},
): IngressFact[] => [
  loadBalancerFact(loadBalancer),
  listenerFact(80, listener),
  groupFact('blue', group),
  groupFact('green', group),
]
