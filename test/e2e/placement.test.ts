import { CreateClusterCommand, DescribeServicesCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, eventually } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { Tasks, untilStopped } from './tasks.ts'

describe('placement', () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start()
    tasks = new Tasks(berth)
  })
  afterAll(() => berth?.stop())

  const amount = async (of: 'registered' | 'remaining', name: 'CPU' | 'MEMORY'): Promise<number> => {
    const resources = (await berth.instance())?.[`${of}Resources`]
    return resources?.find(resource => resource.name === name)?.integerValue ?? 0
  }

  it('refuses a task for which no instance has the CPU, or the memory, and says which', async () => {
    const arn = (await berth.instance())?.containerInstanceArn
    const cpu = await tasks.define([{ cpu: (await amount('registered', 'CPU')) + 1 }])
    expect(await tasks.request(cpu)).toMatchObject({ tasks: [], failures: [{ arn, reason: 'RESOURCE:CPU' }] })
    const memory = await tasks.define([{ memory: (await amount('registered', 'MEMORY')) + 1 }])
    expect(await tasks.request(memory)).toMatchObject({
      tasks: [],
      failures: [{ arn, reason: 'RESOURCE:MEMORY' }],
    })
  })

  it('places as many of a request as there is room for, and takes the room back when they stop', async () => {
    const half = Math.floor((await amount('remaining', 'CPU')) / 2)
    const definition = await tasks.define([{ cpu: half, script: untilStopped }])
    const { tasks: placed = [], failures } = await tasks.request(definition, { count: 3 })
    expect(placed).toHaveLength(2)
    expect(failures).toMatchObject([{ reason: 'RESOURCE:CPU' }])
    for (const { taskArn = '' } of placed) await tasks.stop(taskArn)
    for (const { taskArn = '' } of placed) await tasks.reached(taskArn, 'STOPPED')
    expect(await amount('remaining', 'CPU')).toBe(await amount('registered', 'CPU'))
  })

  it('says that a cluster without instances has none', async () => {
    await berth.ecs.send(new CreateClusterCommand({ clusterName: 'empty' }))
    const definition = await tasks.define([{}])
    await expect(tasks.request(definition, { cluster: 'empty' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'No Container Instances were found in your cluster.',
    })
    await tasks.createService('lonely', definition, 1, { cluster: 'empty' })
    await eventually('the service says so', async () => {
      const { services } = await berth.ecs.send(
        new DescribeServicesCommand({ cluster: 'empty', services: ['lonely'] }),
      )
      return services?.[0]?.events?.some(({ message }) =>
        message?.startsWith(
          '(service lonely) was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster.',
        ),
      )
    })
  })

  it('tells in an event why a task of a service finds no place, and places it once there is room', async () => {
    const cpu = Math.floor((await amount('registered', 'CPU')) * 0.6)
    const definition = await tasks.define([{ cpu, script: untilStopped }])
    const first = await tasks.run(definition)
    await tasks.running(first)
    await tasks.createService('waiting', definition, 1)
    const instance = (await berth.instance())?.containerInstanceArn?.split('/').at(-1)
    expect(await tasks.event('waiting', /was unable to place a task/)).toBe(
      '(service waiting) was unable to place a task because no container instance met all of its requirements. ' +
        `The closest matching (container-instance ${instance}) has insufficient CPU units available. ` +
        'For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
    )
    expect(await tasks.serviceTasks('waiting')).toEqual([])
    await tasks.stop(first)
    await tasks.serviceRuns('waiting', 1)
    await tasks.event('waiting', /has reached a steady state/)
    await tasks.deleteService('waiting')
  })

  it('tries a bad image less and less often, says that it cannot start tasks, and starts the corrected revision at once', async () => {
    const family = 'unpullable'
    const bad = await tasks.define([{ image: '127.0.0.1:9/no/such:1' }], { family })
    await tasks.createService('impaired', bad, 1)
    expect(await tasks.event('impaired', /is unable to consistently start/)).toBe(
      '(service impaired) is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
    )
    const starts = (await tasks.service('impaired')).events
      ?.filter(({ message }) => message?.includes('has started 1 tasks'))
      .map(({ createdAt }) => createdAt?.getTime() ?? 0)
      .toReversed()
    const gaps = starts?.slice(1).map((time, index) => time - (starts[index] ?? 0)) ?? []
    expect(gaps.length).toBeGreaterThanOrEqual(2)
    expect(gaps[0]).toBeGreaterThanOrEqual(1_000)
    expect(gaps[1]).toBeGreaterThanOrEqual(2_000)
    const good = await tasks.define([{ script: untilStopped }], { family })
    await berth.ecs.send(new UpdateServiceCommand({ service: 'impaired', taskDefinition: good }))
    await tasks.serviceRuns('impaired', 1, task => task.taskDefinitionArn === good, 10_000)
    await tasks.deleteService('impaired')
  })
})
