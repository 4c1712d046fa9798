import type { RegisterContainerInstanceRequest } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { containerInstanceCalls, integer, ports, whole, wholeInstance } from './container-instance-calls.ts'
import { arn, refusal, startedAt, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { ready, run, report, described } = taskCalls(berth)
const { register, blue, describeOne } = containerInstanceCalls(berth)

describe('RegisterContainerInstance', () => {
  it('shows what was registered, as it was sent and with what ECS adds', async () => {
    await blue()
    const { containerInstance } = await berth.ecs.registerContainerInstance(whole)
    const id = containerInstance?.containerInstanceArn ?? ''
    expect(id).toMatch(/^arn:aws:ecs:us-east-1:111122223333:container-instance\/blue\/[0-9a-f]{32}$/)
    expect(containerInstance).toEqual(wholeInstance(id))
    expect(await describeOne(id, ['TAGS'])).toEqual(wholeInstance(id))
  })

  it('gives an instance outside of EC2 an id and a zone', async () => {
    await blue()
    const id = await register({ instanceIdentityDocument: '', attributes: [], versionInfo: {} })
    const instance = await describeOne(id)
    expect(instance.ec2InstanceId).toMatch(/^mi-[0-9a-f]{17}$/)
    expect(instance.attributes).toEqual([{ name: 'ecs.availability-zone', value: 'us-east-1a' }])
    expect(instance.tags).toBeUndefined()
  })

  it('brings an instance that knows its ARN back as the same', async () => {
    await blue()
    const id = await register()
    await berth.ecs.updateContainerInstancesState({
      cluster: 'blue',
      containerInstances: [id],
      status: 'DRAINING',
    })
    berth.advance(1000)
    const { tags: _, versionInfo: __, ...rest } = whole
    const { containerInstance } = await berth.ecs.registerContainerInstance({
      ...rest,
      containerInstanceArn: id,
      attributes: [{ name: 'ecs.os-type', value: 'linux' }],
      totalResources: [integer('CPU', 1024), integer('MEMORY', 1000)],
    })
    expect(containerInstance).toMatchObject({
      containerInstanceArn: id,
      status: 'DRAINING',
      registeredAt: startedAt,
      tags: whole.tags,
      versionInfo: whole.versionInfo,
      registeredResources: [
        integer('CPU', 1024),
        integer('MEMORY', 1000),
        ports('PORTS'),
        ports('PORTS_UDP'),
        ports('GPU', 'GPU-1'),
      ],
    })
    // What a user put there stays; a capability that the agent has no longer goes.
    expect(containerInstance?.attributes?.map(({ name }) => name)).toEqual([
      'ecs.os-type',
      'rack',
      'ecs.availability-zone',
      'ecs.instance-type',
      'ecs.ami-id',
    ])
    const { containerInstanceArns } = await berth.ecs.listContainerInstances({ cluster: 'blue' })
    expect(containerInstanceArns).toEqual([id])
  })

  it('says that there is no cluster in the words that an agent waits for', async () => {
    const { cluster: _, ...inDefault } = whole
    expect(await refusal(berth.ecs.registerContainerInstance(inDefault))).toEqual([
      'ClientException',
      'Cluster not found.',
    ])
    await blue()
    await berth.ecs.deleteCluster({ cluster: 'blue' })
    expect(await refusal(register())).toEqual(['ClientException', 'The referenced cluster was inactive.'])
  })

  it('refuses an ARN that is unknown, or that was deregistered', async () => {
    await blue()
    const unknown = arn(`container-instance/blue/${'0'.repeat(32)}`)
    expect(await refusal(register({ containerInstanceArn: unknown }))).toEqual([
      'ClientException',
      `Referenced container instance ${'0'.repeat(32)} not found.`,
    ])
    const id = await register()
    await berth.ecs.deregisterContainerInstance({ cluster: 'blue', containerInstance: id })
    expect(await refusal(register({ containerInstanceArn: id }))).toEqual([
      'ClientException',
      'The referenced container instance was inactive.',
    ])
  })

  it.each<readonly [string, Partial<RegisterContainerInstanceRequest>, string]>([
    ['no CPU', { totalResources: [integer('MEMORY', 1)] }, 'totalResources must contain CPU.'],
    ['no memory', { totalResources: [integer('CPU', 1)] }, 'totalResources must contain MEMORY.'],
    [
      'a negative CPU',
      { totalResources: [integer('CPU', -1), integer('MEMORY', 1)] },
      'Resource CPU must be an INTEGER that is not negative.',
    ],
    [
      'a CPU of another type',
      {
        totalResources: [{ name: 'CPU', type: 'DOUBLE', doubleValue: 1, longValue: 1 }, integer('MEMORY', 1)],
      },
      'Resource CPU must be an INTEGER that is not negative.',
    ],
    [
      'a resource twice',
      { totalResources: [integer('CPU', 1), integer('CPU', 1)] },
      'Resource CPU is given twice.',
    ],
    [
      'a resource that nobody knows',
      { totalResources: [integer('NEURON_CORES', 1)] },
      'Resource NEURON_CORES is not supported by Berth yet.',
    ],
    [
      'a port that is none',
      { totalResources: [integer('CPU', 1), integer('MEMORY', 1), ports('PORTS', '65536')] },
      'Resource PORTS holds 65536, which is no port.',
    ],
    [
      'ports that are no set',
      { totalResources: [integer('CPU', 1), integer('MEMORY', 1), integer('PORTS_UDP', 1)] },
      'Resource PORTS_UDP must be a STRINGSET.',
    ],
    [
      'a device of another kind',
      { platformDevices: [{ id: '0', type: 'NEURON_DEVICE' }] },
      'Platform devices of type NEURON_DEVICE are not supported by Berth yet.',
    ],
    ['a bad attribute', { attributes: [{ name: 'a b' }] }, 'Attribute name is invalid: a b'],
    [
      'a long attribute',
      { attributes: [{ name: 'a', value: 'x'.repeat(129) }] },
      'The value of attribute a is too long.',
    ],
    [
      'a document that is none',
      { instanceIdentityDocument: 'x' },
      'The instance identity document is not a JSON object.',
    ],
    ['tags twice', { tags: [{ key: 'a' }, { key: 'a' }] }, 'Tag keys must be unique: a'],
  ])('refuses %s', async (_, change, message) => {
    await blue()
    expect(await refusal(register(change))).toEqual(['InvalidParameterException', message])
  })
})

describe('DeregisterContainerInstance', () => {
  it('ends an instance that runs nothing, and it stays describable', async () => {
    await blue()
    const id = await register()
    const { containerInstance } = await berth.ecs.deregisterContainerInstance({
      cluster: 'blue',
      containerInstance: id,
    })
    expect(containerInstance).toEqual({ ...wholeInstance(id), status: 'INACTIVE' })
    expect(await describeOne(id)).toMatchObject({ status: 'INACTIVE', agentConnected: false })
    expect(
      await refusal(berth.ecs.deregisterContainerInstance({ cluster: 'blue', containerInstance: id })),
    ).toEqual(['ClientException', `Referenced container instance ${id} not found.`])
  })

  it('refuses while tasks run, and stops watching them when it is forced', async () => {
    const id = await ready()
    const task = await run()
    await report(task, 'RUNNING')
    const deregister = (force?: boolean) =>
      berth.ecs.deregisterContainerInstance({ containerInstance: id, ...(force && { force }) })
    expect(await refusal(deregister())).toEqual([
      'InvalidParameterException',
      'Found running tasks on the instance.',
    ])
    await deregister(true)
    expect(await described(task)).toMatchObject({
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      stopCode: 'UserInitiated',
      stoppedReason: 'Container instance deregistration forced by user.',
    })
  })

  it('refuses a cluster that is not there', async () => {
    expect(
      await refusal(berth.ecs.deregisterContainerInstance({ containerInstance: '0'.repeat(32) })),
    ).toEqual(['ClusterNotFoundException', 'Cluster not found.'])
  })
})
