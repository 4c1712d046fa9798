import { describe, expect, it } from 'vitest'
import { containerInstances } from '../../packages/control-plane/src/services/ecs/tables/index.ts'
import { containerInstanceCalls, integer, ports, wholeInstance } from './container-instance-calls.ts'
import { arn, refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { setConnected, ready, run, report } = taskCalls(berth)
const { register, blue, describeOne } = containerInstanceCalls(berth)

describe('DescribeContainerInstances', () => {
  it('answers in the order of the request, and MISSING for what is not there', async () => {
    await blue()
    const [a, b] = [await register(), await register()]
    const missing = arn(`container-instance/blue/${'0'.repeat(32)}`)
    const answer = await berth.ecs.describeContainerInstances({
      cluster: 'blue',
      containerInstances: [b, missing, a.slice(-32)],
    })
    expect(answer.containerInstances?.map(({ containerInstanceArn }) => containerInstanceArn)).toEqual([b, a])
    expect(answer.failures).toEqual([{ arn: missing, reason: 'MISSING' }])
  })

  it('counts tasks, and what they leave of the instance', async () => {
    const id = await ready()
    const port = {
      name: 'web',
      image: 'web:1',
      cpu: 256,
      memory: 512,
      portMappings: [{ containerPort: 80, hostPort: 8080 }],
    }
    await berth.ecs.registerTaskDefinition({ family: 'port', containerDefinitions: [port] })
    const instance = async () => {
      const { containerInstances: found } = await berth.ecs.describeContainerInstances({
        containerInstances: [id],
      })
      return found![0]!
    }
    const task = await run({ taskDefinition: 'port' })
    expect(await instance()).toMatchObject({
      pendingTasksCount: 1,
      runningTasksCount: 0,
      remainingResources: [
        integer('CPU', 1792),
        integer('MEMORY', 3584),
        ports('PORTS', '22', '8080'),
        ports('PORTS_UDP'),
      ],
      registeredResources: [
        integer('CPU', 2048),
        integer('MEMORY', 4096),
        ports('PORTS', '22'),
        ports('PORTS_UDP'),
      ],
    })
    await report(task, 'RUNNING')
    expect(await instance()).toMatchObject({ pendingTasksCount: 0, runningTasksCount: 1 })
    await report(task, 'STOPPED')
    expect(await instance()).toMatchObject({
      runningTasksCount: 0,
      remainingResources: (await instance()).registeredResources,
    })
  })

  it("shows the container runtime's health when asked", async () => {
    await blue()
    const id = await register()
    expect((await describeOne(id)).healthStatus).toBeUndefined()
    expect((await describeOne(id, ['CONTAINER_INSTANCE_HEALTH'])).healthStatus).toEqual({
      overallStatus: 'INSUFFICIENT_DATA',
      details: [],
    })
    const health = { status: 'OK', lastUpdated: 2000, lastStatusChange: 1000 } as const
    berth.store.update(tx => tx.put(containerInstances, { ...tx.get(containerInstances, id)!, health }))
    expect((await describeOne(id, ['CONTAINER_INSTANCE_HEALTH'])).healthStatus).toEqual({
      overallStatus: 'OK',
      details: [
        {
          type: 'CONTAINER_RUNTIME',
          status: 'OK',
          lastUpdated: new Date(2000),
          lastStatusChange: new Date(1000),
        },
      ],
    })
  })

  it('refuses an empty list, a long one, and a cluster that is not there', async () => {
    const call = (list: string[]) =>
      refusal(berth.ecs.describeContainerInstances({ containerInstances: list }))
    expect(await call(['0'.repeat(32)])).toEqual(['ClusterNotFoundException', 'Cluster not found.'])
    await berth.ecs.createCluster({})
    expect(await call([])).toEqual(['InvalidParameterException', 'Container instances cannot be empty.'])
    expect(await call(Array(101).fill('0'.repeat(32)))).toEqual([
      'InvalidParameterException',
      'Container instances can have at most 100 items.',
    ])
  })
})

describe('ListContainerInstances', () => {
  it('pages in the order of ids, by status and by the cluster query language', async () => {
    await blue()
    const ids = [
      await register(),
      await register({ attributes: [{ name: 'rack', value: 'r2' }] }),
      await register(),
    ].sort()
    const list = async (change: object) =>
      (await berth.ecs.listContainerInstances({ cluster: 'blue', ...change })).containerInstanceArns
    expect(await list({})).toEqual(ids)
    const first = await berth.ecs.listContainerInstances({ cluster: 'blue', maxResults: 2 })
    expect(first.containerInstanceArns).toEqual(ids.slice(0, 2))
    expect(await list({ nextToken: first.nextToken, maxResults: 2 })).toEqual(ids.slice(2))
    await berth.ecs.updateContainerInstancesState({
      cluster: 'blue',
      containerInstances: [ids[0]!],
      status: 'DRAINING',
    })
    expect(await list({ status: 'DRAINING' })).toEqual([ids[0]])
    expect(await list({ status: 'ACTIVE' })).toEqual(ids.slice(1))
    expect(await list({ filter: 'attribute:rack == r2' })).toHaveLength(1)
    setConnected(ids[1]!, true)
    expect(await list({ filter: 'agentConnected == true' })).toEqual([ids[1]])
    await berth.ecs.deregisterContainerInstance({ cluster: 'blue', containerInstance: ids[2]! })
    expect(await list({})).toEqual(ids.slice(0, 2))
  })

  it('refuses what makes no sense', async () => {
    expect(await refusal(berth.ecs.listContainerInstances({ cluster: 'blue' }))).toEqual([
      'ClusterNotFoundException',
      'Cluster not found.',
    ])
    await blue()
    const call = (change: object) => refusal(berth.ecs.listContainerInstances({ cluster: 'blue', ...change }))
    expect(await call({ maxResults: 101 })).toEqual([
      'InvalidParameterException',
      'maxResults must be between 1 and 100.',
    ])
    expect(await call({ nextToken: 'x' })).toEqual(['InvalidParameterException', 'Invalid nextToken.'])
    expect((await call({ filter: 'attribute:' }))[0]).toBe('InvalidParameterException')
  })
})

describe('UpdateContainerInstancesState', () => {
  it('drains and takes that back, and says what failed', async () => {
    await blue()
    const [id, gone] = [await register(), await register()]
    await berth.ecs.deregisterContainerInstance({ cluster: 'blue', containerInstance: gone })
    const missing = arn(`container-instance/blue/${'0'.repeat(32)}`)
    const change = (status: 'ACTIVE' | 'DRAINING') =>
      berth.ecs.updateContainerInstancesState({
        cluster: 'blue',
        containerInstances: [id, gone, missing],
        status,
      })
    const { tags: _, ...instance } = wholeInstance(id)
    const drained = await change('DRAINING')
    expect(drained.containerInstances).toEqual([{ ...instance, status: 'DRAINING' }])
    expect(drained.failures).toEqual([
      { arn: gone, reason: 'INACTIVE' },
      { arn: missing, reason: 'MISSING' },
    ])
    expect((await change('ACTIVE')).containerInstances).toEqual([instance])
  })

  it('refuses other statuses, too many instances, and a cluster that is not there', async () => {
    const call = (status: 'REGISTERING' | 'ACTIVE', count = 1) =>
      refusal(
        berth.ecs.updateContainerInstancesState({
          cluster: 'blue',
          containerInstances: Array(count).fill('0'.repeat(32)),
          status,
        }),
      )
    expect(await call('ACTIVE')).toEqual(['ClusterNotFoundException', 'Cluster not found.'])
    await blue()
    expect(await call('REGISTERING')).toEqual([
      'InvalidParameterException',
      'Container instance status must be one of [ACTIVE, DRAINING].',
    ])
    expect(await call('ACTIVE', 11)).toEqual([
      'InvalidParameterException',
      'The number of container instances must be between 1 and 10.',
    ])
  })
})

describe('UpdateContainerAgent', () => {
  it('says that there is no update, or that the version is not known', async () => {
    await blue()
    const update = (id: string) =>
      refusal(berth.ecs.updateContainerAgent({ cluster: 'blue', containerInstance: id }))
    expect(await update(await register())).toEqual([
      'NoUpdateAvailableException',
      'There is no update available for your container agent.',
    ])
    expect(await update(await register({ versionInfo: {} }))).toEqual([
      'MissingVersionException',
      'The version of the container agent is not known.',
    ])
    expect(await update('0'.repeat(32))).toEqual([
      'ClientException',
      `Referenced container instance ${'0'.repeat(32)} not found.`,
    ])
    expect(await update('short')).toEqual([
      'InvalidParameterException',
      'containerInstanceId length should be one of [32,36]',
    ])
  })

  it('refuses a cluster that is not there', async () => {
    expect(await refusal(berth.ecs.updateContainerAgent({ containerInstance: '0'.repeat(32) }))).toEqual([
      'ClusterNotFoundException',
      'Cluster not found.',
    ])
  })
})
