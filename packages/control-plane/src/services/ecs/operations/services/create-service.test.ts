import type { CreateServiceRequest } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { emptyWorld, type World } from '../../fixtures/service-world.ts'
import { createService } from './create-service.ts'

const create = async (on: World, change: Partial<CreateServiceRequest>) => {
  const web = { serviceName: 'web', taskDefinition: 'web:1', desiredCount: 2 }
  return (await createService.handle({ ...web, ...change }, on.call())).service
}

describe('CreateService', () => {
  it.each<[string, Partial<CreateServiceRequest>]>([
    [
      'UnsupportedFeatureException: loadBalancerName',
      { loadBalancers: [{ loadBalancerName: 'old', containerName: 'web', containerPort: 80 }] },
    ],
    [
      'InvalidParameterException: The container api does not exist in the task definition',
      { loadBalancers: [{ targetGroupArn: 'arn', containerName: 'api', containerPort: 80 }] },
    ],
    [
      'InvalidParameterException: The container web did not have a container port 81 defined',
      { loadBalancers: [{ targetGroupArn: 'arn', containerName: 'web', containerPort: 81 }] },
    ],
    ['UnsupportedFeatureException: serviceRegistries', { serviceRegistries: [{ registryArn: 'arn' }] }],
    [
      'UnsupportedFeatureException: serviceConnectConfiguration',
      { serviceConnectConfiguration: { enabled: true } },
    ],
    ['InvalidParameterException: no volume named v', { volumeConfigurations: [{ name: 'v' }] }],
    [
      'UnsupportedFeatureException: vpcLatticeConfigurations',
      { vpcLatticeConfigurations: [{ roleArn: 'r', targetGroupArn: 't', portName: 'p' }] },
    ],
    ['UnsupportedFeatureException: monitoring', { monitoring: {} as never }],
    [
      'InvalidParameterException: Availability Zone Rebalancing does not support EXTERNAL launch type',
      { availabilityZoneRebalancing: 'ENABLED', launchType: 'EXTERNAL' },
    ],
    [
      'InvalidParameterException: TaskDefinition must be blank',
      { deploymentController: { type: 'EXTERNAL' } },
    ],
    [
      'InvalidParameterException: must use an Application Load Balancer or a Network Load Balancer',
      { deploymentController: { type: 'CODE_DEPLOY' } },
    ],
    [
      'InvalidParameterException: These deployment alarms do not exist: a, b.',
      { deploymentConfiguration: { alarms: { alarmNames: ['a', 'b'], enable: true, rollback: false } } },
    ],
    [
      'InvalidParameterException: alarmNames cannot be empty',
      { deploymentConfiguration: { alarms: { alarmNames: [], enable: true, rollback: false } } },
    ],
    [
      'InvalidParameterException: bakeTimeInMinutes must be between 0 and 1440',
      { deploymentConfiguration: { bakeTimeInMinutes: 1441 } },
    ],
    [
      'InvalidParameterException: healthyPercent and sourceServiceRevisionCleanup are required',
      { deploymentConfiguration: { earlySuccessCriteria: { enable: true, healthyPercent: 100 } } },
    ],
    [
      'InvalidParameterException: healthyPercent must be between minimumHealthyPercent and 100',
      {
        deploymentConfiguration: {
          minimumHealthyPercent: 60,
          earlySuccessCriteria: {
            enable: true,
            healthyPercent: 50,
            sourceServiceRevisionCleanup: 'BLOCKING',
          },
        },
      },
    ],
    [
      'InvalidParameterException: needs a load balancer or Service Connect',
      { deploymentConfiguration: { strategy: 'CANARY' } },
    ],
    ['InvalidParameterException: Task definition does not support', { launchType: 'FARGATE' }],
    [
      'UnsupportedFeatureException: Capacity provider',
      { capacityProviderStrategy: [{ capacityProvider: 'spot', weight: 1 }] },
    ],
    ['InvalidParameterException: role', { role: 'ecsServiceRole' }],
    ['InvalidParameterException: desiredCount is required', { desiredCount: undefined }],
    ['InvalidParameterException: desiredCount must', { desiredCount: -1 }],
    ['InvalidParameterException: service name', { serviceName: 'no spaces' }],
    ['InvalidParameterException: TaskDefinition can not be blank', { taskDefinition: undefined }],
    ['ClientException: TaskDefinition not found', { taskDefinition: 'nothing' }],
    ['ClusterNotFoundException: Cluster not found', { cluster: 'nowhere' }],
    [
      'InvalidParameterException: cannot be 100 as this will block',
      { deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 100 } },
    ],
    ['InvalidParameterException: maximumPercent', { deploymentConfiguration: { maximumPercent: 99 } }],
    [
      'InvalidParameterException: minimumHealthyPercent',
      { deploymentConfiguration: { minimumHealthyPercent: 101 } },
    ],
    ['InvalidParameterException: binpack', { placementStrategy: [{ type: 'binpack', field: 'disk' }] }],
  ])('refuses by name: %s', async (expected, change) => {
    const on = await emptyWorld()
    const [code = '', message = ''] = expected.split(': ')
    await expect(create(on, change)).rejects.toEqual(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
    expect(on.service()).toBeUndefined()
  })

  it('takes empty lists and features that are switched off', async () => {
    const on = await emptyWorld()
    const service = await create(on, {
      loadBalancers: [],
      serviceRegistries: [],
      deploymentController: { type: 'ECS' },
      serviceConnectConfiguration: { enabled: false },
      deploymentConfiguration: {
        deploymentCircuitBreaker: { enable: false, rollback: false },
        alarms: { alarmNames: [], enable: false, rollback: false },
      },
    })
    expect(service?.deploymentController).toEqual({ type: 'ECS' })
    expect(service?.deploymentConfiguration?.alarms).toEqual({
      alarmNames: [],
      enable: false,
      rollback: false,
    })
  })
})
