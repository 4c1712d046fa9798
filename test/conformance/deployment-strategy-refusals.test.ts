import type { DeploymentConfiguration, DeploymentLifecycleHook } from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it } from 'vitest'
import { blueGreen, check, directsTraffic, lambda, pause } from './deployment-samples.ts'
import { refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const unknown = 'arn:aws:lambda:us-east-1:111122223333:function:unknown'
const berth = useBerth(directsTraffic)
const { ready } = taskCalls(berth)

const create = (deploymentConfiguration: DeploymentConfiguration) =>
  berth.ecs.createService({
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 1,
    deploymentConfiguration,
  })
const update = (change: { deploymentConfiguration: DeploymentConfiguration }) =>
  berth.ecs.updateService({ service: 'web', ...change })

beforeEach(async () => {
  await ready()
})

describe('a deployment strategy', () => {
  it.each<[string, DeploymentConfiguration, string]>([
    [
      'that bakes too long',
      blueGreen({ bakeTimeInMinutes: 1441 }),
      'bakeTimeInMinutes must be between 0 and 1440.',
    ],
    [
      'with the steps of another',
      blueGreen({ linearConfiguration: { stepPercent: 10 } }),
      'linearConfiguration is only valid when the deployment strategy is LINEAR.',
    ],
    [
      'with the canary of another',
      blueGreen({ canaryConfiguration: { canaryPercent: 10 } }),
      'canaryConfiguration is only valid when the deployment strategy is CANARY.',
    ],
    [
      'with too small steps',
      { strategy: 'LINEAR', linearConfiguration: { stepPercent: 2.9 } },
      'stepPercent must be a multiple of 0.1 from 3.0 to 100.0.',
    ],
    [
      'with too fine steps',
      { strategy: 'LINEAR', linearConfiguration: { stepPercent: 3.05 } },
      'stepPercent must be a multiple of 0.1 from 3.0 to 100.0.',
    ],
    [
      'with too long steps',
      { strategy: 'LINEAR', linearConfiguration: { stepBakeTimeInMinutes: 1441 } },
      'stepBakeTimeInMinutes must be between 0 and 1440.',
    ],
    [
      'with no canary',
      { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 0 } },
      'canaryPercent must be a multiple of 0.1 from 0.1 to 100.0.',
    ],
    [
      'with too long a canary',
      { strategy: 'CANARY', canaryConfiguration: { canaryBakeTimeInMinutes: -1 } },
      'canaryBakeTimeInMinutes must be between 0 and 1440.',
    ],
    [
      'that needs traffic to direct',
      { strategy: 'CANARY' },
      'The CANARY deployment strategy needs a load balancer or Service Connect, which the service does not have.',
    ],
  ])('%s is refused, and changes nothing', async (_, configuration, message) => {
    expect(await refusal(create(configuration))).toEqual(['InvalidParameterException', message])
    await create({})
    expect(await refusal(update({ deploymentConfiguration: configuration }))).toEqual([
      'InvalidParameterException',
      message,
    ])
    const { services = [] } = await berth.ecs.describeServices({ services: ['web'] })
    expect(services[0]?.deploymentConfiguration?.strategy).toBe('ROLLING')
  })

  it.each<[string, DeploymentLifecycleHook, string]>([
    [
      'that pauses what is come to again on the way back',
      pause({ lifecycleStages: ['TEST_TRAFFIC_SHIFT'] }),
      'Invalid lifecycle stage provided for Pause Hook',
    ],
    ['at no stage', lambda({ lifecycleStages: [] }), 'lifecycleStages of a lifecycle hook cannot be empty.'],
    [
      'without a target',
      lambda({ hookTargetArn: undefined }),
      'hookTargetArn is required for AWS_LAMBDA lifecycle hooks.',
    ],
    [
      'with a target that nobody knows',
      lambda({ hookTargetArn: unknown }),
      `Nothing is known to run for the hook target ${unknown}: the operator of this server has to name a URL or a task for it in the file of BERTH_HOOKS.`,
    ],
    [
      'with details that are no object',
      lambda({ hookDetails: ['a'] }),
      'hookDetails of a lifecycle hook must be a JSON object.',
    ],
    [
      'that may last too long',
      lambda({ timeoutConfiguration: { timeoutInMinutes: 1441 } }),
      'timeoutInMinutes of the lifecycle hook must be between 1 and 1440.',
    ],
    [
      'that pauses too long',
      pause({ timeoutConfiguration: { timeoutInMinutes: 20_161 } }),
      'timeoutInMinutes of the lifecycle hook must be between 1 and 20160.',
    ],
    [
      'that pauses with a target',
      pause({ hookTargetArn: check }),
      'A pause hook takes no hookTargetArn, roleArn or hookDetails.',
    ],
  ])('is refused with a hook %s', async (_, hook, message) => {
    expect(await refusal(create(blueGreen({ lifecycleHooks: [hook] })))).toEqual([
      'InvalidParameterException',
      message,
    ])
  })

  it('is refused with more than ten hooks of a kind, or hooks at stages that it has not', async () => {
    const eleven = Array.from({ length: 11 }, () => pause())
    expect(await refusal(create(blueGreen({ lifecycleHooks: eleven })))).toEqual([
      'InvalidParameterException',
      'A service can have at most 10 pause hooks and 10 Lambda hooks.',
    ])
    const lifecycleHooks = [lambda({ lifecycleStages: ['TEST_TRAFFIC_SHIFT'] })]
    expect(await refusal(create({ lifecycleHooks }))).toEqual([
      'InvalidParameterException',
      'The ROLLING deployment strategy has no lifecycle stage TEST_TRAFFIC_SHIFT. Its hooks run at PRE_SCALE_UP and POST_SCALE_UP.',
    ])
    await create(blueGreen({ lifecycleHooks }))
    expect(await refusal(update({ deploymentConfiguration: { strategy: 'ROLLING' } }))).toEqual([
      'InvalidParameterException',
      'The ROLLING deployment strategy has no lifecycle stage TEST_TRAFFIC_SHIFT. Give lifecycleHooks without it.',
    ])
  })
})
