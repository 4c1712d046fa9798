import type { CreateServiceRequest, LoadBalancer } from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it } from 'vitest'
import { targetGroupArn } from '../../packages/control-plane/src/services/elbv2/fixtures/rows.ts'
import { refusal, useBerth } from './harness.ts'
import { blue, loadBalancedCalls, production } from './load-balanced-calls.ts'

const berth = useBerth()
const { begin } = loadBalancedCalls(berth)

beforeEach(begin)

describe("load balancers that do not fit are refused in ECS's words", () => {
  const refused = (change: Partial<LoadBalancer>, more: Partial<CreateServiceRequest> = {}) =>
    refusal(
      berth.ecs.createService({
        serviceName: 'web',
        taskDefinition: 'web',
        desiredCount: 1,
        loadBalancers: [{ ...blue, ...change }],
        ...more,
      }),
    )
  const advanced = {
    alternateTargetGroupArn: targetGroupArn('green'),
    productionListenerRule: production,
  }
  const withStrategy: Partial<CreateServiceRequest> = { deploymentConfiguration: { strategy: 'BLUE_GREEN' } }

  it.each<[string, Partial<LoadBalancer>, Partial<CreateServiceRequest>?]>([
    [
      `The target group with targetGroupArn ${targetGroupArn('unused')} does not have an associated load balancer.`,
      { targetGroupArn: targetGroupArn('unused') },
    ],
    ['The target group arn does not exist.', { targetGroupArn: 'arn' }],
    ['The container api does not exist in the task definition.', { containerName: 'api' }],
    ['The container web did not have a container port 81 defined.', { containerPort: 81 }],
    [
      `The provided target group ${targetGroupArn('addresses')} has target type ip, which is incompatible with the bridge network mode specified in the task definition.`,
      { targetGroupArn: targetGroupArn('addresses') },
    ],
    [
      'advancedConfiguration field is required for all loadBalancers when using the BLUE_GREEN deployment strategy.',
      {},
      withStrategy,
    ],
    [
      'The listener rule nothing does not exist.',
      { advancedConfiguration: { ...advanced, productionListenerRule: 'nothing' } },
      withStrategy,
    ],
    [
      'The alternateTargetGroupArn must be another target group than the targetGroupArn.',
      { advancedConfiguration: { ...advanced, alternateTargetGroupArn: targetGroupArn('blue') } },
      withStrategy,
    ],
  ])('%s', async (message, change, more) => {
    expect(await refused(change, more)).toEqual(['InvalidParameterException', message])
    expect((await berth.ecs.listServices({})).serviceArns).toEqual([])
  })
})
