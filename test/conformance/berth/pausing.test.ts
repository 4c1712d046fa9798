import type { Service } from '@aws-sdk/client-ecs'
import { ListPausedServicesCommand, PauseServiceCommand, ResumeServiceCommand } from '@berth/client'
import { describe, expect, it } from 'vitest'
import { arn, refusal, rootArn, startedAt, useBerth } from '../harness.ts'
import { taskCalls } from '../task-calls.ts'

const berth = useBerth()
const { ready, register, report } = taskCalls(berth)

const tasksOf = async (desiredStatus: 'RUNNING' | 'STOPPED') => {
  const { taskArns = [] } = await berth.ecs.listTasks({ serviceName: 'web', desiredStatus })
  return taskArns.length === 0 ? [] : ((await berth.ecs.describeTasks({ tasks: taskArns })).tasks ?? [])
}

/** The host does what it was told. */
const settle = async (): Promise<void> => {
  for (let round = 0; round < 4; round++) {
    berth.settle()
    for (const task of await tasksOf('STOPPED'))
      if (task.lastStatus !== 'STOPPED') await report(task, 'STOPPED', { exitCode: 0 })
    for (const task of await tasksOf('RUNNING'))
      if (task.lastStatus === 'PENDING') await report(task, 'RUNNING')
  }
  berth.settle()
}

const described = async (): Promise<Service> => {
  const { services } = await berth.ecs.describeServices({ services: ['web'] })
  return services?.[0] ?? {}
}
const events = async (): Promise<(string | undefined)[]> =>
  ((await described()).events ?? []).map(({ message }) => message).toReversed()

const pause = async () => {
  const answer = await berth.own.send(new PauseServiceCommand({ service: 'web' }))
  await settle()
  return answer.service
}
const resume = async () => {
  const answer = await berth.own.send(new ResumeServiceCommand({ service: 'web' }))
  await settle()
  return answer.service
}
const runningService = async (): Promise<void> => {
  await ready()
  await berth.ecs.createService({ serviceName: 'web', taskDefinition: 'web', desiredCount: 2 })
  await settle()
}

describe('a paused service', () => {
  it('runs nothing, while AWS clients see it as they made it', async () => {
    await runningService()
    const before = await described()
    expect(await pause()).toEqual({
      serviceArn: arn('service/default/web'),
      serviceName: 'web',
      clusterArn: arn('cluster/default'),
      desiredCount: 2,
      pausedAt: startedAt,
      pausedBy: rootArn,
    })
    const after = await described()
    expect(after).toEqual({
      ...before,
      runningCount: 0,
      deployments: [{ ...before.deployments?.[0], runningCount: 0 }],
      currentServiceRevisions: [{ ...before.currentServiceRevisions?.[0], runningTaskCount: 0 }],
      events: after.events,
    })
    expect(await tasksOf('RUNNING')).toEqual([])
    expect(await tasksOf('STOPPED')).toMatchObject(
      Array.from({ length: 2 }, () => ({
        stopCode: 'ServiceSchedulerInitiated',
        stoppedReason: 'The service was paused',
      })),
    )
    expect((await events()).slice(-2)).toEqual([
      '(service web) was paused: its tasks are stopped, and none is started until it is resumed.',
      expect.stringMatching(/^\(service web\) has stopped 2 running tasks: /),
    ])
  })

  it('starts what is desired by then when it is resumed, and is steady again', async () => {
    await runningService()
    await pause()
    await berth.ecs.updateService({ service: 'web', desiredCount: 3 })
    await settle()
    expect(await tasksOf('RUNNING')).toEqual([])
    expect(await resume()).toMatchObject({ serviceName: 'web', desiredCount: 3 })
    expect(await described()).toMatchObject({ desiredCount: 3, runningCount: 3 })
    expect(await events()).toEqual(
      expect.arrayContaining(['(service web) was resumed.', '(service web) has reached a steady state.']),
    )
    expect((await events()).at(-1)).toBe('(service web) has reached a steady state.')
  })

  it('lets a deployment wait until it is resumed', async () => {
    await runningService()
    await pause()
    await register()
    await berth.ecs.updateService({ service: 'web', taskDefinition: 'web' })
    await settle()
    expect(await tasksOf('RUNNING')).toEqual([])
    expect((await described()).deployments).toMatchObject([
      { taskDefinition: arn('task-definition/web:2'), rolloutState: 'IN_PROGRESS', desiredCount: 2 },
    ])
    await resume()
    expect((await described()).deployments).toMatchObject([
      { taskDefinition: arn('task-definition/web:2'), rolloutState: 'COMPLETED', runningCount: 2 },
    ])
  })

  it('stops a protected task when its protection ends', async () => {
    await runningService()
    const [task] = await tasksOf('RUNNING')
    await berth.ecs.updateTaskProtection({
      cluster: 'default',
      tasks: [task?.taskArn ?? ''],
      protectionEnabled: true,
      expiresInMinutes: 1,
    })
    await pause()
    expect(await tasksOf('RUNNING')).toMatchObject([{ taskArn: task?.taskArn }])
    berth.advance(60_000)
    await settle()
    expect(await tasksOf('RUNNING')).toEqual([])
  })

  it('is deleted as any other', async () => {
    await runningService()
    await pause()
    await berth.ecs.deleteService({ service: 'web', force: true })
    await settle()
    expect(await described()).toMatchObject({ status: 'INACTIVE' })
    expect((await berth.own.send(new ListPausedServicesCommand({}))).services).toEqual([])
  })

  it('stays as it is when it is paused once more, and so does one that runs and is resumed', async () => {
    await runningService()
    await resume()
    const first = await pause()
    const said = await events()
    berth.advance(1_000)
    expect(await pause()).toEqual(first)
    expect(await events()).toEqual(said)
    expect(said.filter(text => text?.endsWith('was resumed.'))).toHaveLength(0)
  })
})

describe('a service whose deployment moves traffic between two revisions', () => {
  it('is not paused before that has ended', async () => {
    await ready()
    await berth.ecs.createService({
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 2,
      deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 },
    })
    berth.settle()
    expect(await refusal(berth.own.send(new PauseServiceCommand({ service: 'web' })))).toEqual([
      'InvalidParameterException',
      'The service cannot be paused while a BLUE_GREEN deployment is in progress. Wait for its end, or stop it.',
    ])
    await settle()
    await pause()
    expect(await described()).toMatchObject({ desiredCount: 2, runningCount: 0 })
    await resume()
    expect(await described()).toMatchObject({ runningCount: 2, deployments: [{ rolloutState: 'COMPLETED' }] })
  })
})

describe('ListPausedServices', () => {
  it('lists the paused services of a cluster page by page', async () => {
    await ready()
    for (const serviceName of ['a', 'b', 'c']) {
      await berth.ecs.createService({ serviceName, taskDefinition: 'web', desiredCount: 0 })
      if (serviceName !== 'b') await berth.own.send(new PauseServiceCommand({ service: serviceName }))
    }
    const first = await berth.own.send(new ListPausedServicesCommand({ maxResults: 1 }))
    expect(first.services).toMatchObject([{ serviceName: 'a', pausedAt: startedAt }])
    const { nextToken } = first
    const second = await berth.own.send(new ListPausedServicesCommand({ maxResults: 1, nextToken }))
    expect(second).toMatchObject({ services: [{ serviceName: 'c' }] })
    expect(second.nextToken).toBeUndefined()
  })
})

describe("Berth's own service", () => {
  it.each([
    [{ service: 'web', cluster: 'nowhere' }, 'ClusterNotFoundException', 'Cluster not found.'],
    [{ service: 'nothing' }, 'ServiceNotFoundException', 'Service not found.'],
    [{ service: '' }, 'InvalidParameterException', expect.any(String)],
  ])('refuses to pause or resume %j', async (request, code, message) => {
    await ready()
    expect(await refusal(berth.own.send(new PauseServiceCommand(request)))).toEqual([code, message])
    expect(await refusal(berth.own.send(new ResumeServiceCommand(request)))).toEqual([code, message])
  })

  it('refuses a service that is gone, and pages that there are not', async () => {
    await runningService()
    await berth.ecs.deleteService({ service: 'web', force: true })
    expect(await refusal(berth.own.send(new PauseServiceCommand({ service: 'web' })))).toEqual([
      'ServiceNotActiveException',
      'Service was not ACTIVE.',
    ])
    expect(await refusal(berth.own.send(new ListPausedServicesCommand({ nextToken: 'x' })))).toEqual([
      'InvalidParameterException',
      'Invalid nextToken.',
    ])
  })

  it('lets nobody in who may not, by actions of its own', async () => {
    await runningService()
    const asked = refusal(berth.ownOfNobody.send(new PauseServiceCommand({ service: 'web' })))
    const [code, message] = await asked
    expect(code).toBe('AccessDeniedException')
    expect(message).toContain(`to perform: berth:PauseService on resource: ${arn('service/default/web')}`)
  })
})
