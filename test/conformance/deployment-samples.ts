/** Deployment strategies and hooks as tests give them, and a server that takes all of them. */
import type { DeploymentConfiguration, DeploymentLifecycleHook, LoadBalancer } from '@aws-sdk/client-ecs'
import type { EcsSettings } from '../../packages/control-plane/src/services/ecs/index.ts'

export const check = 'arn:aws:lambda:us-east-1:111122223333:function:check'

/** What a server would have with load balancers: somebody who directs traffic. */
export const directsTraffic: Partial<EcsSettings> = {
  hookTargets: new Map([[check, { kind: 'url', url: 'http://hooks', headers: {} }]]),
  trafficRouter: { check: () => undefined, hasTestTraffic: () => true },
}

export const loadBalancers: LoadBalancer[] = [
  {
    targetGroupArn: 'arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/blue/1',
    containerName: 'web',
    containerPort: 80,
    advancedConfiguration: {
      alternateTargetGroupArn: 'arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/green/2',
      productionListenerRule: 'arn:aws:elasticloadbalancing:us-east-1:111122223333:listener-rule/app/a/1/2/3',
      testListenerRule: 'arn:aws:elasticloadbalancing:us-east-1:111122223333:listener-rule/app/a/1/2/4',
      roleArn: 'arn:aws:iam::111122223333:role/balancers',
    },
  },
]
export const lambda = (change: Partial<DeploymentLifecycleHook> = {}): DeploymentLifecycleHook => ({
  targetType: 'AWS_LAMBDA',
  hookTargetArn: check,
  roleArn: 'arn:aws:iam::111122223333:role/hooks',
  lifecycleStages: ['POST_SCALE_UP'],
  ...change,
})
export const pause = (change: Partial<DeploymentLifecycleHook> = {}): DeploymentLifecycleHook => ({
  targetType: 'PAUSE',
  lifecycleStages: ['POST_SCALE_UP'],
  ...change,
})
export const blueGreen = (change: Partial<DeploymentConfiguration> = {}): DeploymentConfiguration => ({
  strategy: 'BLUE_GREEN',
  bakeTimeInMinutes: 5,
  ...change,
})
