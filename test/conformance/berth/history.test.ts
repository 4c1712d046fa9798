import type { Task } from '@aws-sdk/client-ecs'
import {
  SearchServiceEventsCommand,
  type SearchServiceEventsRequest,
  SearchStoppedTasksCommand,
  type SearchStoppedTasksRequest,
} from '@berth/client'
import { describe, expect, it } from 'vitest'
import { arn, refusal, startedAt, useBerth } from '../harness.ts'
import { taskCalls } from '../task-calls.ts'

const berth = useBerth()
const { ready, report } = taskCalls(berth)

const hourMs = 3_600_000
const at = (ms: number): Date => new Date(startedAt.getTime() + ms)

/** All pages, as a caller reads them. */
const stoppedTasks = async (request: SearchStoppedTasksRequest = {}): Promise<Task[]> => {
  const found: Task[] = []
  let nextToken: string | undefined
  do {
    const page = await berth.own.send(new SearchStoppedTasksCommand({ ...request, nextToken }))
    found.push(...(page.tasks ?? []))
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  return found
}
const events = async (request: SearchServiceEventsRequest = {}): Promise<string[]> => {
  const found: string[] = []
  let nextToken: string | undefined
  do {
    const page = await berth.own.send(new SearchServiceEventsCommand({ ...request, nextToken }))
    found.push(...(page.events ?? []).map(({ message = '' }) => message))
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  return found
}

/** A task that ran and ended with this code; returns its ARN. */
const runToEnd = async (exitCode: number, reason?: string): Promise<string> => {
  const { tasks } = await berth.ecs.runTask({ taskDefinition: 'web' })
  const task = tasks?.[0] ?? {}
  await report(task, 'RUNNING')
  await report(task, 'STOPPED', { exitCode, ...(reason && { reason }) })
  return task.taskArn ?? ''
}

describe('SearchStoppedTasks', () => {
  it('finds tasks that DescribeTasks has forgotten, as it showed them', async () => {
    await ready()
    const task = await runToEnd(3)
    const { tasks: before } = await berth.ecs.describeTasks({ tasks: [task] })
    berth.advance(2 * hourMs)
    expect((await berth.ecs.describeTasks({ tasks: [task] })).failures).toMatchObject([{ reason: 'MISSING' }])
    expect(await stoppedTasks()).toEqual(before)
  })

  it('finds those of the last hour and those before, by exit code, time, reason and service', async () => {
    await ready()
    const old = await runToEnd(137, 'OutOfMemoryError: killed')
    berth.advance(2 * hourMs)
    const other = await runToEnd(1)
    berth.advance(60_000)
    const young = await runToEnd(137)
    const arns = async (request: SearchStoppedTasksRequest) =>
      (await stoppedTasks(request)).map(({ taskArn }) => taskArn)
    expect(await arns({})).toEqual([young, other, old])
    expect(await arns({ exitCode: 137 })).toEqual([young, old])
    expect(await arns({ exitCode: 137, since: at(hourMs) })).toEqual([young])
    expect(await arns({ exitCode: 137, until: at(hourMs) })).toEqual([old])
    expect(await arns({ reason: 'outofmemory' })).toEqual([old])
    expect(await arns({ service: 'web' })).toEqual([])
  })

  it('finds those of one cluster alone', async () => {
    await ready()
    await berth.ecs.createCluster({ clusterName: 'other' })
    await runToEnd(0)
    expect(await stoppedTasks({ cluster: 'other' })).toEqual([])
    berth.advance(2 * hourMs)
    expect(await stoppedTasks({ cluster: 'other' })).toEqual([])
    expect(await stoppedTasks()).toHaveLength(1)
  })

  it('shows them in pages of any size', async () => {
    await ready()
    for (let n = 0; n < 3; n++) await runToEnd(n)
    berth.advance(2 * hourMs)
    for (let n = 3; n < 6; n++) await runToEnd(n)
    const codes = (await stoppedTasks({ maxResults: 1 })).map(({ containers }) => containers?.[0]?.exitCode)
    expect(codes.toSorted()).toEqual([0, 1, 2, 3, 4, 5])
    expect(codes.slice(3)).toEqual([2, 1, 0])
  })

  it('does not find a task that only is to stop', async () => {
    await ready()
    const { tasks } = await berth.ecs.runTask({ taskDefinition: 'web' })
    await report(tasks?.[0] ?? {}, 'RUNNING')
    await berth.ecs.stopTask({ task: tasks?.[0]?.taskArn })
    expect(await stoppedTasks()).toEqual([])
  })
})

describe('SearchServiceEvents', () => {
  const service = async (serviceName: string): Promise<void> => {
    await berth.ecs.createService({ serviceName, taskDefinition: 'web', desiredCount: 0 })
    berth.settle()
  }

  it('finds the events of one service, or of all of a cluster, deleted ones too', async () => {
    await ready()
    await service('web')
    berth.advance(1_000)
    await service('web-2')
    await berth.ecs.deleteService({ service: 'web-2' })
    berth.advance(2 * hourMs)
    expect((await events()).map(message => message.split(')')[0])).toEqual([
      '(service web-2',
      '(service web-2',
      '(service web',
      '(service web',
    ])
    expect(await events({ service: 'web' })).toEqual([
      '(service web) has reached a steady state.',
      expect.stringMatching(/^\(service web\) \(deployment ecs-svc\/\d+\) deployment completed\.$/),
    ])
    expect(await events({ message: 'STEADY', maxResults: 1 })).toHaveLength(2)
    expect(await events({ since: at(1_000), message: 'steady' })).toEqual([
      '(service web-2) has reached a steady state.',
    ])
    expect(await events({ until: at(1_000) })).toHaveLength(2)
  })

  it('says of which service an event is, and when it was', async () => {
    await ready()
    await service('web')
    const page = await berth.own.send(new SearchServiceEventsCommand({ service: 'web', maxResults: 1 }))
    const { services } = await berth.ecs.describeServices({ services: ['web'] })
    expect(page.events).toEqual([{ ...services?.[0]?.events?.[0], serviceArn: arn('service/default/web') }])
  })
})

describe('a search', () => {
  it.each([
    [{ cluster: 'nowhere' }, 'ClusterNotFoundException', 'Cluster not found.'],
    [{ maxResults: 101 }, 'InvalidParameterException', 'maxResults must be between 1 and 100.'],
    [{ nextToken: 'x' }, 'InvalidParameterException', 'Invalid nextToken.'],
    [{ since: at(1), until: at(1) }, 'InvalidParameterException', 'since must be before until.'],
  ])('is refused for %j', async (request, code, message) => {
    await ready()
    for (const command of [new SearchStoppedTasksCommand(request), new SearchServiceEventsCommand(request)])
      expect(await refusal(berth.own.send(command))).toEqual([code, message])
  })

  it("does not take another search's token", async () => {
    await ready()
    const { nextToken } = await berth.own.send(new SearchStoppedTasksCommand({}))
    expect(nextToken).toBeDefined()
    for (const command of [
      new SearchStoppedTasksCommand({ nextToken, exitCode: 0 }),
      new SearchServiceEventsCommand({ nextToken }),
    ])
      expect(await refusal(berth.own.send(command))).toEqual([
        'InvalidParameterException',
        'Invalid nextToken.',
      ])
  })

  it('is of those who may', async () => {
    await ready()
    const [code, message] = await refusal(berth.ownOfNobody.send(new SearchStoppedTasksCommand({})))
    expect([code, message]).toEqual([
      'AccessDeniedException',
      expect.stringContaining(`berth:SearchStoppedTasks on resource: ${arn('cluster/default')}`),
    ])
  })
})
