import type { ListTasksRequest, ListTasksResponse, StartTaskResponse } from '@aws-sdk/client-ecs'
import { lastSegment, serviceArn } from '@berth/model'
import { describe, expect, it } from 'vitest'
import type { JournaledStore } from '../../../../store/journaled-store.ts'
import { timestamp } from '../../../timestamp.ts'
import { callOn } from '../../fixtures/root-call.ts'
import { given, instanceArn, numbersOf, scope, start, storeWith } from '../../fixtures/rows.ts'
import { type ServiceRow, services, type TaskRow, tasks } from '../../tables/index.ts'
import { describeTasks } from './describe-tasks.ts'
import { listTasks } from './list-tasks.ts'
import { startTask } from './start-task.ts'
import { stopTask } from './stop-task.ts'

const ready = (rows: readonly TaskRow[] = [], instances = [given.instance(1), given.instance(2)]) =>
  storeWith({ instances, taskDefinitions: [given.taskDefinition()], tasks: rows })

const stopped = { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stoppedAt: start } as const

describe('StartTask', () => {
  const start = (containerInstances: string[], store: JournaledStore) =>
    startTask.handle({ taskDefinition: 'web:1', containerInstances }, callOn(store)) as StartTaskResponse

  it('puts one task on each instance, by id or ARN, and says which it could not use', async () => {
    const store = await ready(undefined, [
      given.instance(1),
      given.instance(2),
      given.instance(3, { status: 'INACTIVE' }),
      given.instance(4, { agentConnected: false }),
    ])
    const answer = start(
      [instanceArn(2), ...[1, 3, 4, 5].map(number => lastSegment(instanceArn(number)))],
      store,
    )
    expect(answer.tasks?.map(task => task.containerInstanceArn)).toEqual([instanceArn(2), instanceArn(1)])
    expect(answer.failures).toEqual([
      { arn: instanceArn(5), reason: 'MISSING' },
      { arn: instanceArn(3), reason: 'INACTIVE' },
      { arn: instanceArn(4), reason: 'AGENT' },
    ])
  })

  it('shows the launch type of the instance', async () => {
    const attributes = [{ name: 'ecs.capability.external' }]
    const store = await ready(undefined, [given.instance(1, { agentKind: 'ecs', attributes })])
    expect(start([instanceArn(1)], store).tasks?.[0]?.launchType).toBe('EXTERNAL')
  })

  it('takes one to ten instances', async () => {
    const store = await ready()
    expect(() => start([], store)).toThrow('between 1 and 10')
    expect(() => start(Array(11).fill(instanceArn(1)), store)).toThrow('between 1 and 10')
  })
})

describe('StopTask', () => {
  const task = given.task(1, { lastStatus: 'RUNNING' })
  const stop = (store: JournaledStore, change: object = {}, now = start + 5) =>
    stopTask.handle({ task: task.id, ...change }, callOn(store, now))

  it('makes STOPPED the desired status, with the reason of the caller or its own', async () => {
    const store = await ready([task])
    expect(stop(store, { reason: 'enough' })).toMatchObject({
      task: {
        desiredStatus: 'STOPPED',
        lastStatus: 'RUNNING',
        stopCode: 'UserInitiated',
        stoppedReason: 'enough',
        stoppingAt: timestamp(start + 5),
      },
    })
    expect(stop(await ready([task]))).toMatchObject({ task: { stoppedReason: 'Task stopped by user' } })
  })

  it('changes nothing a second time', async () => {
    const store = await ready([task])
    stop(store, { reason: 'enough' })
    const { sequence } = store
    expect(stop(store, { reason: 'again' }, start + 9)).toMatchObject({
      task: { stoppedReason: 'enough', stoppingAt: timestamp(start + 5) },
    })
    expect(store.sequence).toBe(sequence)
  })

  it('takes the id alone, and refuses what is no task of the cluster', async () => {
    const store = await ready([task])
    expect(stop(store, { task: lastSegment(task.id) })).toMatchObject({ task: { taskArn: task.id } })
    expect(() => stop(store, { task: given.task(2).id })).toThrow('The referenced task was not found.')
    expect(() => stop(store, { task: 'x' })).toThrow('taskId length should be one of [32,36]')
    expect(() => stop(store, { cluster: 'other' })).toThrow('Cluster not found.')
  })
})

describe('DescribeTasks', () => {
  const describeAll = (store: JournaledStore, request: object) =>
    describeTasks.handle(request as never, callOn(store))

  it('describes what is there, by id, short or long ARN, and calls the rest MISSING', async () => {
    const [one, two] = [given.task(1), given.task(2, stopped)]
    const store = await ready([one, two])
    const references = [lastSegment(two.id), one.id.replace('/default', ''), given.task(3).id]
    expect(describeAll(store, { tasks: references })).toMatchObject({
      tasks: [{ taskArn: two.id, lastStatus: 'STOPPED', stoppedAt: timestamp(start) }, { taskArn: one.id }],
      failures: [{ arn: given.task(3).id, reason: 'MISSING' }],
    })
  })

  it('shows tags only when asked for them', async () => {
    const task = given.task(1, { tags: [{ key: 'a', value: 'b' }] })
    const store = await ready([task])
    expect(describeAll(store, { tasks: [task.id] })).toMatchObject({ tasks: [{ tags: [] }] })
    const include = ['TAGS']
    expect(describeAll(store, { tasks: [task.id], include })).toMatchObject({ tasks: [{ tags: task.tags }] })
  })

  it('takes one to a hundred tasks', async () => {
    const store = await ready()
    expect(() => describeAll(store, { tasks: [] })).toThrow('Tasks cannot be empty.')
    expect(() => describeAll(store, { tasks: Array(101).fill(given.task(1).id) })).toThrow('at most 100')
  })
})

describe('ListTasks', () => {
  const serviceId = serviceArn(scope, 'default', 'web')
  const rows = [
    given.task(1),
    given.task(2, { family: 'db', startedBy: 'me' }),
    given.task(3, { containerInstanceArn: instanceArn(2), launchType: 'EXTERNAL' }),
    given.task(4, { serviceArn: serviceId, group: 'service:web' }),
    given.task(5, { ...stopped, containerInstanceArn: instanceArn(2) }),
    given.task(6, { desiredStatus: 'STOPPED', lastStatus: 'RUNNING', containerInstanceArn: instanceArn(2) }),
    given.task(7, { ...stopped, containerInstanceArn: instanceArn(2), family: 'db' }),
  ]

  const list = (store: JournaledStore, request: ListTasksRequest = {}) =>
    listTasks.handle(request, callOn(store)) as ListTasksResponse

  const filled = async (): Promise<JournaledStore> => {
    const store = await ready(rows)
    const service = {
      id: serviceId,
      clusterArn: given.cluster.id,
      name: 'web',
      status: 'ACTIVE',
    } as ServiceRow
    store.update(tx => tx.put(services, service))
    return store
  }

  it.each<[ListTasksRequest, number[]]>([
    [{}, [1, 2, 3, 4]],
    [{ desiredStatus: 'STOPPED' }, [5, 6, 7]],
    [{ desiredStatus: 'PENDING' }, []],
    [{ family: 'web' }, [1, 3, 4]],
    [{ family: 'db', desiredStatus: 'STOPPED' }, [7]],
    [{ startedBy: 'me' }, [2]],
    [{ serviceName: 'web' }, [4]],
    [{ serviceName: serviceId }, [4]],
    [{ containerInstance: instanceArn(2) }, [3]],
    [{ containerInstance: instanceArn(2), desiredStatus: 'STOPPED' }, [5, 6, 7]],
    [{ containerInstance: instanceArn(2), desiredStatus: 'STOPPED', family: 'web' }, [5, 6]],
    [{ containerInstance: instanceArn(1), serviceName: 'web' }, [4]],
    [{ launchType: 'EXTERNAL' }, [3]],
    [{ launchType: 'EC2', family: 'web' }, [1, 4]],
  ])('with %j', async (request, expected) => {
    expect(numbersOf(list(await filled(), request).taskArns ?? [])).toEqual(expected)
  })

  it('pages in the order of ids, and goes on after the last one shown, whatever happens between', async () => {
    const store = await filled()
    const first = list(store, { maxResults: 2 })
    expect(numbersOf(first.taskArns ?? [])).toEqual([1, 2])
    store.update(tx => tx.delete(tasks, given.task(2).id))
    const second = list(store, { maxResults: 2, nextToken: first.nextToken })
    expect(numbersOf(second.taskArns ?? [])).toEqual([3, 4])
    expect(second.nextToken).toBeUndefined()
    const stoppedPage = {
      containerInstance: instanceArn(2),
      desiredStatus: 'STOPPED',
      maxResults: 2,
    } as const
    const { nextToken } = list(store, stoppedPage)
    expect(numbersOf(list(store, { ...stoppedPage, nextToken }).taskArns ?? [])).toEqual([7])
  })

  it('looks at a bounded number of tasks for one page, and finds all in the end', async () => {
    const external = given.task(9000, { launchType: 'EXTERNAL' })
    const store = await ready([...Array.from({ length: 2500 }, (_, number) => given.task(number)), external])
    const found: string[] = []
    let pages = 0
    let nextToken: string | undefined
    do {
      const page = list(store, { launchType: 'EXTERNAL', nextToken })
      found.push(...(page.taskArns ?? []))
      nextToken = page.nextToken
      pages += 1
    } while (nextToken)
    expect(found).toEqual([external.id])
    expect(pages).toBe(3)
  })

  it('refuses filters that do not go together, and what is not there', async () => {
    const store = await filled()
    expect(() => list(store, { startedBy: 'me', family: 'web' })).toThrow(
      'startedBy must be the only filter.',
    )
    expect(() => list(store, { serviceName: 'other' })).toThrow('Service not found.')
    expect(() => list(store, { containerInstance: instanceArn(9) })).toThrow('not found')
    expect(() => list(store, { maxResults: 101 })).toThrow('maxResults')
    expect(() => list(store, { daemonName: 'x' })).toThrow('not supported')
  })
})
