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
    [
      'loadBalancerName and targetGroupArn cannot both be specified. You must specify either a load BalancerName or a targetGroupArn.',
      { loadBalancerName: 'classic' },
    ],
    ['load balancers can have at most 5 items.', {}, { loadBalancers: Array(6).fill(blue) }],
    [
      `The target group ${targetGroupArn('blue')} is specified more than once for the container web and the port 80.`,
      {},
      { loadBalancers: [blue, { ...blue }] },
    ],
    [
      `The alternateTargetGroupArn ${targetGroupArn('green')} is the targetGroupArn of another load balancer of the service.`,
      {},
      {
        loadBalancers: [
          { ...blue, advancedConfiguration: advanced },
          { ...blue, targetGroupArn: targetGroupArn('green') },
        ],
      },
    ],
    [
      `The listener rule ${production} is specified for more than one pair of target groups or kind of traffic.`,
      { advancedConfiguration: { ...advanced, testListenerRule: production } },
      withStrategy,
    ],
  ])('%s', async (message, change, more) => {
    expect(await refused(change, more)).toEqual(['InvalidParameterException', message])
    expect((await berth.ecs.listServices({})).serviceArns).toEqual([])
  })

  it('a Classic Load Balancer by name', async () => {
    expect(await refused({ loadBalancerName: 'classic', targetGroupArn: undefined })).toEqual([
      'UnsupportedFeatureException',
      'Classic Load Balancers (loadBalancerName) of services: not supported by Berth.',
    ])
  })

  it('also when a service is updated, and nothing has changed then', async () => {
    await berth.ecs.createService({
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 0,
      loadBalancers: [blue],
    })
    expect(
      await refusal(berth.ecs.updateService({ service: 'web', loadBalancers: [blue, blue] })),
    ).toMatchObject(['InvalidParameterException', expect.stringContaining('is specified more than once')])
    const { services = [] } = await berth.ecs.describeServices({ services: ['web'] })
    expect(services[0]).toMatchObject({ loadBalancers: [blue], deployments: [{ status: 'PRIMARY' }] })
  })
})
