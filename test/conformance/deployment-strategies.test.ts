import type { CreateServiceRequest, DeploymentConfiguration, ServiceDeployment } from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it } from 'vitest'
import { type EffectResult, effects } from '../../packages/control-plane/src/control-loop/effects-table.ts'
import { blueGreen, check, directsTraffic, lambda, loadBalancers, pause } from './deployment-samples.ts'
import { arn, refusal, startedAt, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth(directsTraffic)
const { ready, register, report } = taskCalls(berth)
const minute = 60_000

const create = async (
  deploymentConfiguration: DeploymentConfiguration,
  change: Partial<CreateServiceRequest> = {},
) => {
  const { service } = await berth.ecs.createService({
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 1,
    deploymentConfiguration,
    ...change,
  })
  berth.settle()
  return service
}
const update = async (change: object = { forceNewDeployment: true }): Promise<string> => {
  berth.clock.advance(1_000)
  const { service } = await berth.ecs.updateService({ service: 'web', ...change })
  berth.settle()
  return service?.currentServiceDeployment ?? ''
}
const described = async (serviceDeploymentArn: string): Promise<ServiceDeployment> => {
  const answer = await berth.ecs.describeServiceDeployments({ serviceDeploymentArns: [serviceDeploymentArn] })
  return answer.serviceDeployments?.[0] ?? {}
}

/** The host does what it was told, and whoever directs traffic, too. */
const obey = async (rounds = 6): Promise<void> => {
  for (let round = 0; round < rounds; round++) {
    for (const desiredStatus of ['RUNNING', 'STOPPED'] as const) {
      const { taskArns = [] } = await berth.ecs.listTasks({ serviceName: 'web', desiredStatus })
      const { tasks = [] } = taskArns.length ? await berth.ecs.describeTasks({ tasks: taskArns }) : {}
      for (const task of tasks) {
        if (desiredStatus === 'STOPPED' && task.lastStatus !== 'STOPPED') await report(task, 'STOPPED')
        if (desiredStatus === 'RUNNING' && task.lastStatus === 'PENDING') await report(task, 'RUNNING')
      }
    }
    answer('ecs.shiftTraffic', { outcome: 'done', value: null })
    berth.settle()
  }
}
/** Whoever was asked outside has done it, or answers so. */
const answer = (kind: string, result: EffectResult): void => {
  for (const effect of [...berth.store.where(effects, 'byState', 'open')])
    if (effect.kind === kind) berth.store.update(tx => tx.put(effects, { ...effect, result }))
  berth.settle()
}
/** A service whose first deployment is done, and a second one of it. */
const second = async (configuration: DeploymentConfiguration, change: Partial<CreateServiceRequest> = {}) => {
  const { lifecycleHooks, ...rest } = configuration
  await create(rest, change)
  await obey()
  return update({
    forceNewDeployment: true,
    ...(lifecycleHooks && { deploymentConfiguration: { lifecycleHooks } }),
  })
}

beforeEach(async () => {
  await ready()
})

describe('a deployment strategy', () => {
  it('is shown with its defaults, and changed with an update', async () => {
    const service = await create(
      { strategy: 'LINEAR', bakeTimeInMinutes: 3, linearConfiguration: {} },
      { loadBalancers },
    )
    expect(service?.deploymentConfiguration).toMatchObject({
      strategy: 'LINEAR',
      bakeTimeInMinutes: 3,
      linearConfiguration: { stepPercent: 10, stepBakeTimeInMinutes: 6 },
    })
    expect(service?.loadBalancers).toEqual(loadBalancers)
    await update({
      deploymentConfiguration: {
        strategy: 'CANARY',
        canaryConfiguration: { canaryPercent: 12.5, canaryBakeTimeInMinutes: 0 },
      },
    })
    const { services = [] } = await berth.ecs.describeServices({ services: ['web'] })
    expect(services[0]?.deploymentConfiguration).toMatchObject({
      strategy: 'CANARY',
      canaryConfiguration: { canaryPercent: 12.5, canaryBakeTimeInMinutes: 0 },
    })
    expect(services[0]?.deploymentConfiguration?.linearConfiguration).toBeUndefined()
    const { service: gone } = await berth.ecs.deleteService({ service: 'web', force: true })
    expect(gone?.deploymentConfiguration?.canaryConfiguration?.canaryPercent).toBe(12.5)
  })
})

describe('DescribeServiceDeployments', () => {
  it('shows the stage, the hooks and the traffic of a blue/green deployment', async () => {
    const hook = lambda({
      lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'],
      hookDetails: { bucket: 'b' },
      timeoutConfiguration: { timeoutInMinutes: 30, action: 'CONTINUE' },
    })
    const id = await second(blueGreen({ lifecycleHooks: [hook] }), { loadBalancers })
    await obey()
    expect(await described(id)).toMatchObject({
      status: 'IN_PROGRESS',
      lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT',
      lifecycleHookDetails: [
        {
          hookId: expect.stringMatching(/^ecs-lambda-[\w-]{43}$/),
          targetType: 'AWS_LAMBDA',
          targetArn: check,
          status: 'IN_PROGRESS',
          expiresAt: new Date(startedAt.getTime() + 1_000 + 30 * minute),
          timeoutAction: 'CONTINUE',
        },
      ],
      deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5, lifecycleHooks: [hook] },
      targetServiceRevision: { requestedTestTrafficWeight: 100, requestedProductionTrafficWeight: 0 },
      sourceServiceRevisions: [{ requestedTestTrafficWeight: 0, requestedProductionTrafficWeight: 100 }],
    })
    answer('ecs.lifecycleHook', { outcome: 'done', value: { hookStatus: 'SUCCEEDED' } })
    await obey()
    expect(await described(id)).toMatchObject({
      lifecycleStage: 'BAKE_TIME',
      targetServiceRevision: { requestedProductionTrafficWeight: 100, runningTaskCount: 1 },
      sourceServiceRevisions: [{ requestedProductionTrafficWeight: 0, runningTaskCount: 1 }],
    })
    berth.advance(5 * minute)
    await obey()
    expect(await described(id)).toMatchObject({ status: 'SUCCESSFUL', lifecycleStage: 'CLEAN_UP' })
  })

  it('shows why a hook sent a deployment back', async () => {
    const id = await second(blueGreen({ lifecycleHooks: [lambda()] }))
    await obey()
    answer('ecs.lifecycleHook', { outcome: 'done', value: { hookStatus: 'FAILED' } })
    await obey()
    const statusReason = `Service deployment rolled back because POST_SCALE_UP lifecycle hook(s) failed. Lifecycle hook target ${check} returned FAILED status.`
    expect(await described(id)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason,
      rollback: { reason: statusReason },
      lifecycleHookDetails: [{ status: 'FAILED' }],
    })
  })
})

describe('StopServiceDeployment', () => {
  it('sends a blue/green deployment back to what has run on', async () => {
    const id = await second(blueGreen())
    await obey()
    expect(await described(id)).toMatchObject({ lifecycleStage: 'BAKE_TIME' })
    await berth.ecs.stopServiceDeployment({ serviceDeploymentArn: id, stopType: 'ROLLBACK' })
    berth.settle()
    expect(await described(id)).toMatchObject({ status: 'ROLLBACK_IN_PROGRESS' })
    await obey()
    expect(await described(id)).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' })
    const { services = [] } = await berth.ecs.describeServices({ services: ['web'] })
    expect(services[0]).toMatchObject({ runningCount: 1, deployments: [{ status: 'PRIMARY' }] })
  })
})

describe('ContinueServiceDeployment', () => {
  const paused = async (action?: 'CONTINUE' | 'ROLLBACK') => {
    const id = await second(blueGreen({ lifecycleHooks: [pause()] }))
    await obey()
    const { lifecycleHookDetails = [] } = await described(id)
    expect(lifecycleHookDetails).toMatchObject([{ targetType: 'PAUSE', status: 'AWAITING_ACTION' }])
    const hookId = lifecycleHookDetails[0]?.hookId ?? ''
    const answered = await berth.ecs.continueServiceDeployment({ serviceDeploymentArn: id, hookId, action })
    expect(answered.serviceDeploymentArn).toBe(id)
    await obey()
    return { serviceDeploymentArn: id, hookId }
  }

  it('lets a paused deployment go on, which is what it does by default', async () => {
    const { serviceDeploymentArn } = await paused()
    expect(await described(serviceDeploymentArn)).toMatchObject({
      lifecycleStage: 'BAKE_TIME',
      lifecycleHookDetails: [{ status: 'SUCCEEDED' }],
    })
  })

  it('rolls it back', async () => {
    const { serviceDeploymentArn } = await paused('ROLLBACK')
    expect(await described(serviceDeploymentArn)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason:
        'Service deployment rolled back because POST_SCALE_UP lifecycle hook(s) failed. ContinueServiceDeployment was called with the ROLLBACK action.',
    })
  })

  it('is refused for a hook that is not paused, and a deployment that has ended or never was', async () => {
    const once = await paused('CONTINUE')
    const again = (change: object = {}) =>
      refusal(berth.ecs.continueServiceDeployment({ ...once, ...change }))
    expect(await again()).toEqual([
      'InvalidParameterException',
      'Provided hookId is either completed, unavailable, or not associated with the given Resource ARN',
    ])
    expect(await again({ hookId: 'pause-1' })).toEqual([
      'InvalidParameterException',
      'Invalid hookId: hookId must follow the format: ecs-{hookType}-{id}',
    ])
    expect((await again({ action: 'STOP' }))[0]).toBe('InvalidParameterException')
    expect(
      await again({ serviceDeploymentArn: arn('service-deployment/default/web/AAAAAAAAAAAAAAAAAAAAA') }),
    ).toEqual(['ServiceDeploymentNotFoundException', 'The service deployment does not exist.'])
    expect((await refusal(berth.nobody.continueServiceDeployment(once)))[0]).toBe('AccessDeniedException')
    const terminal = [
      'InvalidParameterException',
      'Continuing a service deployment is not allowed for service deployment in terminal states.',
    ]
    berth.advance(5 * minute)
    await obey()
    expect(await again()).toEqual(terminal)
    await update()
    expect(await again()).toEqual(terminal)
  })

  it('is needed where a rolling update has a pause, too', async () => {
    const id = await second({ lifecycleHooks: [pause({ lifecycleStages: ['PRE_SCALE_UP'] })] })
    const { lifecycleHookDetails = [], ...before } = await described(id)
    expect(before).toMatchObject({
      lifecycleStage: 'PRE_SCALE_UP',
      targetServiceRevision: { pendingTaskCount: 0 },
    })
    const hookId = lifecycleHookDetails[0]?.hookId ?? ''
    await berth.ecs.continueServiceDeployment({ serviceDeploymentArn: id, hookId, action: 'CONTINUE' })
    await register()
    await obey()
    expect(await described(id)).toMatchObject({ status: 'SUCCESSFUL' })
  })
})
