import { beforeEach, describe, expect, it } from 'vitest'
import { arn, refusal, startedAt, useBerth } from './harness.ts'
import { serviceDeploymentCalls } from './service-deployment-calls.ts'

const berth = useBerth()
const { ready, create, update, described, listed, hostDoes } = serviceDeploymentCalls(berth)

const breaker = {
  enable: true,
  rollback: true,
  resetOnHealthyTask: true,
  thresholdConfiguration: { type: 'COUNT', value: 1 } as const,
}
const percents = { minimumHealthyPercent: 0, maximumPercent: 100 }

beforeEach(async () => {
  await ready()
})

const deploymentArn = /:service-deployment\/default\/web\/[\w-]{21}$/
const revisionArn = /:service-revision\/default\/web\/\d{19}$/

describe('DescribeServiceDeployments', () => {
  it('shows one that is under way, and how it ended', async () => {
    const first = await create()
    expect(first).toMatch(deploymentArn)
    const begun = {
      serviceDeploymentArn: first,
      serviceArn: arn('service/default/web'),
      clusterArn: arn('cluster/default'),
      createdAt: startedAt,
      startedAt,
      updatedAt: startedAt,
      sourceServiceRevisions: [],
      targetServiceRevision: {
        arn: expect.stringMatching(revisionArn),
        requestedTaskCount: 1,
        runningTaskCount: 0,
        pendingTaskCount: 1,
      },
      status: 'IN_PROGRESS',
      deploymentConfiguration: {
        maximumPercent: 200,
        minimumHealthyPercent: 100,
        strategy: 'ROLLING',
        bakeTimeInMinutes: 0,
        deploymentCircuitBreaker: { enable: false, rollback: false },
      },
      deploymentCircuitBreaker: { status: 'DISABLED', failureCount: 0, threshold: 3 },
      alarms: { status: 'DISABLED' },
    }
    expect(await described(first)).toEqual(begun)
    await hostDoes('RUNNING')
    const ended = {
      ...begun,
      status: 'SUCCESSFUL',
      finishedAt: startedAt,
      targetServiceRevision: { ...begun.targetServiceRevision, runningTaskCount: 1, pendingTaskCount: 0 },
    }
    expect(await described(first)).toEqual(ended)
    const second = await update()
    expect(await described(second)).toMatchObject({
      status: 'IN_PROGRESS',
      sourceServiceRevisions: [
        {
          arn: ended.targetServiceRevision.arn,
          requestedTaskCount: 1,
          runningTaskCount: 1,
          pendingTaskCount: 0,
        },
      ],
    })
    expect(await described(first)).toEqual(ended)
  })

  it('tells of a circuit breaker that triggered, and of the roll-back', async () => {
    await create()
    await hostDoes('RUNNING')
    const current = await berth.ecs.describeServices({ services: ['web'] })
    const serviceRevisionArn = current.services?.[0]?.currentServiceRevisions?.[0]?.arn
    const failing = await update({
      deploymentConfiguration: { ...percents, deploymentCircuitBreaker: breaker },
    })
    await hostDoes('STOPPED', 2)
    const reason = 'Service deployment rolled back because the circuit breaker threshold was exceeded.'
    const rollback = { reason, startedAt: new Date(startedAt.getTime() + 1_000), serviceRevisionArn }
    expect(await described(failing)).toMatchObject({
      status: 'ROLLBACK_IN_PROGRESS',
      statusReason: reason,
      rollback,
      deploymentConfiguration: { deploymentCircuitBreaker: breaker },
      deploymentCircuitBreaker: { status: 'TRIGGERED', failureCount: 1, threshold: 1 },
    })
    await hostDoes('RUNNING')
    expect(await described(failing)).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL', rollback })
    await update()
    await hostDoes('RUNNING')
    expect(await described(failing)).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL', rollback })
  })

  it('shows those of a service that was deleted', async () => {
    const first = await create()
    await hostDoes('RUNNING')
    await berth.ecs.deleteService({ service: 'web', force: true })
    berth.settle()
    await hostDoes('RUNNING')
    berth.clock.advance(3_600_000)
    berth.settle()
    expect((await berth.ecs.describeServices({ services: ['web'] })).services).toEqual([])
    expect(await described(first)).toMatchObject({ status: 'SUCCESSFUL' })
    await create()
    expect(await described(first)).toMatchObject({ status: 'SUCCESSFUL' })
    expect(await listed()).toHaveLength(1)
  })

  it('refuses what makes no sense', async () => {
    const of = (...serviceDeploymentArns: string[]) =>
      refusal(berth.ecs.describeServiceDeployments({ serviceDeploymentArns }))
    const missing = (await create()).slice(0, -21).concat('x'.repeat(21))
    const { failures } = await berth.ecs.describeServiceDeployments({ serviceDeploymentArns: [missing] })
    expect(failures).toEqual([{ arn: missing, reason: 'MISSING' }])
    expect(await of()).toEqual(['InvalidParameterException', expect.any(String)])
    expect(await of(...Array.from({ length: 21 }, (_, n) => `${missing}${n}`))).toEqual([
      'InvalidParameterException',
      'serviceDeploymentArns can have at most 20 items.',
    ])
    expect(await of('web')).toEqual(['InvalidParameterException', expect.any(String)])
    expect(await of(arn('service/default/web'))).toEqual(['InvalidParameterException', expect.any(String)])
    expect(await of(arn('service-deployment/default/web'))).toEqual([
      'InvalidParameterException',
      expect.any(String),
    ])
    expect(await of(arn('service-deployment/other/web/x'))).toEqual([
      'ClusterNotFoundException',
      expect.any(String),
    ])
    expect(await of(arn('service-deployment/default/other/x'))).toEqual([
      'ServiceNotFoundException',
      expect.any(String),
    ])
    const denied = refusal(berth.nobody.describeServiceDeployments({ serviceDeploymentArns: [missing] }))
    expect(await denied).toEqual(['AccessDeniedException', expect.any(String)])
  })
})

describe('ListServiceDeployments', () => {
  it('lists the newest first, page by page', async () => {
    const arns = [await create(), await update(), await update()]
    await hostDoes('RUNNING')
    const all = await berth.ecs.listServiceDeployments({ service: 'web', cluster: 'default' })
    const at = (seconds: number) => new Date(startedAt.getTime() + seconds * 1_000)
    const brief = (index: number, change: object) => ({
      serviceDeploymentArn: arns[index],
      serviceArn: arn('service/default/web'),
      clusterArn: arn('cluster/default'),
      createdAt: at(index),
      startedAt: at(index),
      finishedAt: at(Math.min(2, index + 1)),
      targetServiceRevisionArn: expect.stringMatching(revisionArn),
      ...change,
    })
    const statusReason = 'Service deployment stopped because a new service deployment was started.'
    expect(all.serviceDeployments).toEqual([
      brief(2, { status: 'SUCCESSFUL' }),
      brief(1, { status: 'STOPPED', statusReason }),
      brief(0, { status: 'STOPPED', statusReason }),
    ])
    expect(all.nextToken).toBeUndefined()
    const { nextToken, ...page } = await berth.ecs.listServiceDeployments({ service: 'web', maxResults: 2 })
    expect(page.serviceDeployments).toHaveLength(2)
    const next = await berth.ecs.listServiceDeployments({ service: 'web', maxResults: 2, nextToken })
    expect(next.serviceDeployments).toEqual([all.serviceDeployments?.[2]])
  })

  it('lists by status and by time', async () => {
    const [first, second, third] = [await create(), await update(), await update()]
    const seconds = (count: number) => new Date(startedAt.getTime() + count * 1_000)
    expect(await listed({ status: ['IN_PROGRESS'] })).toEqual([third])
    expect(await listed({ status: ['STOPPED', 'SUCCESSFUL'] })).toEqual([second, first])
    expect(await listed({ createdAt: { after: seconds(0) } })).toEqual([third, second])
    expect(await listed({ createdAt: { before: seconds(1) } })).toEqual([first])
    expect(await listed({ createdAt: { after: seconds(0), before: seconds(2) } })).toEqual([second])
  })

  it('refuses what makes no sense', async () => {
    await create()
    const of = (change: object) => refusal(berth.ecs.listServiceDeployments({ service: 'web', ...change }))
    expect(await of({ service: 'other' })).toEqual(['ServiceNotFoundException', expect.any(String)])
    expect(await of({ cluster: 'other' })).toEqual(['ClusterNotFoundException', expect.any(String)])
    expect(await of({ maxResults: 101 })).toEqual(['InvalidParameterException', expect.any(String)])
    expect(await of({ nextToken: 'x' })).toEqual(['InvalidParameterException', expect.any(String)])
    const denied = refusal(berth.nobody.listServiceDeployments({ service: 'web' }))
    expect(await denied).toEqual(['AccessDeniedException', expect.any(String)])
  })
})

describe('StopServiceDeployment', () => {
  it('rolls back, also where no rollback is configured', async () => {
    await create()
    await hostDoes('RUNNING')
    const serviceDeploymentArn = await update()
    const stopped = await berth.ecs.stopServiceDeployment({ serviceDeploymentArn, stopType: 'ROLLBACK' })
    expect(stopped.serviceDeploymentArn).toBe(serviceDeploymentArn)
    expect(await described(serviceDeploymentArn)).toMatchObject({ status: 'ROLLBACK_REQUESTED' })
    await berth.ecs.stopServiceDeployment({ serviceDeploymentArn })
    berth.settle()
    await hostDoes('RUNNING')
    expect(await described(serviceDeploymentArn)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'Service deployment rolled back because StopServiceDeployment was called.',
    })
  })

  it('stops the deployment where it is', async () => {
    await create()
    await hostDoes('RUNNING')
    const serviceDeploymentArn = await update()
    await berth.ecs.stopServiceDeployment({ serviceDeploymentArn, stopType: 'ABORT' })
    expect(await described(serviceDeploymentArn)).toMatchObject({ status: 'STOP_REQUESTED' })
    berth.settle()
    expect(await described(serviceDeploymentArn)).toMatchObject({
      status: 'STOPPED',
      stoppedAt: new Date(berth.clock.now()),
      finishedAt: new Date(berth.clock.now()),
    })
  })

  it('refuses what has ended, and what there is not', async () => {
    const first = await create()
    await hostDoes('RUNNING')
    const stop = (serviceDeploymentArn: string) => berth.ecs.stopServiceDeployment({ serviceDeploymentArn })
    const of = (serviceDeploymentArn: string) => refusal(stop(serviceDeploymentArn))
    const conflict = { name: 'ConflictException', resourceIds: [first] }
    await expect(stop(first)).rejects.toMatchObject(conflict)
    await update()
    await expect(stop(first)).rejects.toMatchObject(conflict)
    expect(await of(`${first.slice(0, -1)}.`)).toEqual([
      'ServiceDeploymentNotFoundException',
      expect.any(String),
    ])
    expect(await of('web')).toEqual(['InvalidParameterException', expect.any(String)])
    const denied = refusal(berth.nobody.stopServiceDeployment({ serviceDeploymentArn: first }))
    expect(await denied).toEqual(['AccessDeniedException', expect.any(String)])
  })
})
