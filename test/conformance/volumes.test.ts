import type {
  CreateServiceRequest,
  RunTaskRequest,
  Tag,
  Task,
  TaskManagedEBSVolumeConfiguration,
} from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it } from 'vitest'
import { volumes } from '../../packages/control-plane/src/services/ec2/index.ts'
import { containerInstances } from '../../packages/control-plane/src/services/ecs/tables/index.ts'
import { accountId, refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { connect, register, run, report, described } = taskCalls(berth)

const roleArn = `arn:aws:iam::${accountId}:role/ecsInfrastructureRole`
const ebs = (change: Partial<TaskManagedEBSVolumeConfiguration> = {}) => [
  { name: 'data', managedEBSVolume: { roleArn, sizeInGiB: 10, volumeType: 'gp3', ...change } },
]

/** A host of Berth's own agent that can make volumes. */
const connectHost = async (): Promise<string> => {
  const id = await connect({ attributes: [{ name: 'ecs.capability.storage.ebs-task-volume-attach' }] })
  berth.store.update(tx =>
    tx.put(containerInstances, { ...tx.get(containerInstances, id)!, agentKind: 'berth' }),
  )
  return id
}

/** Every member that tasks and services share. */
const wholeEbs = (propagateTags: 'SERVICE' | 'TASK_DEFINITION') => ({
  encrypted: false,
  volumeType: 'gp3',
  sizeInGiB: 20,
  snapshotId: 'snap-0123456789abcdef0',
  volumeInitializationRate: 100,
  iops: 4000,
  throughput: 250,
  tagSpecifications: [{ resourceType: 'volume' as const, tags: [{ key: 'a', value: 'b' }], propagateTags }],
  roleArn,
  filesystemType: 'ext4' as const,
})

/** What it makes. */
const wholeVolume = (taskArn: string | undefined, propagated: Tag) => ({
  volumeType: 'gp3',
  sizeInGiB: 20,
  snapshotId: 'snap-0123456789abcdef0',
  volumeInitializationRate: 100,
  iops: 4000,
  throughput: 250,
  filesystemType: 'ext4',
  tags: [
    propagated,
    { key: 'a', value: 'b' },
    { key: 'AmazonECSCreated', value: taskArn },
    { key: 'AmazonECSManaged', value: 'true' },
  ],
})

const definition = {
  containerDefinitions: [
    {
      name: 'web',
      image: 'web:1',
      memory: 128,
      // Else a service's first task goes ahead alone, to find the image's digest.
      versionConsistency: 'disabled' as const,
      mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }],
    },
  ],
  volumes: [{ name: 'data', configuredAtLaunch: true }],
}

let host: string
beforeEach(async () => {
  await berth.ecs.createCluster({ clusterName: 'default' })
  await register({ ...definition, tags: [{ key: 'team', value: 'red' }] })
  host = await connectHost()
})

const rows = () => [...berth.store.all(volumes)]
const attachmentOf = (task: Task) =>
  task.attachments?.find(({ type }) => type === 'AmazonElasticBlockStorage')
const detail = (task: Task, name: string) =>
  attachmentOf(task)?.details?.find(entry => entry.name === name)?.value

/** What the task's host says of its volume. */
const tell = async (task: Task, status: string, taskStatus = ''): Promise<Task> => {
  const attachments = [{ attachmentArn: attachmentOf(task)?.id ?? '', status }]
  await berth.ecs.submitTaskStateChange({
    cluster: 'default',
    task: task.taskArn!,
    attachments,
    ...(taskStatus && { status: taskStatus, containers: [{ containerName: 'web', status: taskStatus }] }),
  })
  berth.settle()
  return described(task)
}

describe('a task with an EBS volume', () => {
  it('is made with the volume, in PROVISIONING, and shows it as an attachment', async () => {
    const task = await run({ volumeConfigurations: ebs() })
    expect(task.lastStatus).toBe('PROVISIONING')
    expect(task.attachments).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        type: 'AmazonElasticBlockStorage',
        status: 'CREATED',
        details: [
          { name: 'roleArn', value: roleArn },
          { name: 'volumeName', value: 'data' },
          { name: 'deleteOnTermination', value: 'true' },
          { name: 'volumeId', value: expect.stringMatching(/^vol-[0-9a-f]{17}$/) },
        ],
      },
    ])
    expect(rows()).toMatchObject([
      {
        id: `arn:aws:ec2:us-east-1:${accountId}:volume/${detail(task, 'volumeId')}`,
        state: 'creating',
        sizeInGiB: 10,
        volumeType: 'gp3',
        iops: 3000,
        throughput: 125,
        filesystemType: 'xfs',
        containerInstanceArn: host,
        availabilityZone: 'us-east-1a',
        attachment: { taskArn: task.taskArn, state: 'attaching', deleteOnTermination: true },
      },
    ])
  })

  it('runs once its volume is attached, and takes it along when it ends', async () => {
    let task = await run({ volumeConfigurations: ebs() })
    task = await tell(task, 'ATTACHED')
    expect([task.lastStatus, attachmentOf(task)?.status, rows()[0]?.state]).toEqual([
      'PENDING',
      'ATTACHED',
      'in-use',
    ])
    await report(task, 'RUNNING')
    task = await tell(task, 'DETACHING', 'STOPPED')
    expect([task.lastStatus, rows()[0]?.state]).toEqual(['STOPPED', 'deleting'])
    task = await tell(task, 'DELETED')
    expect([attachmentOf(task)?.status, rows()]).toEqual(['DELETED', []])
  })

  it('leaves its volume when the termination policy says so', async () => {
    let task = await run({ volumeConfigurations: ebs({ terminationPolicy: { deleteOnTermination: false } }) })
    expect(detail(task, 'deleteOnTermination')).toBe('false')
    task = await tell(task, 'ATTACHED')
    await tell(task, 'DETACHED', 'STOPPED')
    expect(rows()).toMatchObject([{ state: 'available' }])
    expect(rows()[0]).not.toHaveProperty('attachment')
  })

  it('marks its volume with tags of its own, its definition, and ECS', async () => {
    const task = await run({
      volumeConfigurations: ebs({
        tagSpecifications: [
          { resourceType: 'volume', propagateTags: 'TASK_DEFINITION', tags: [{ key: 'a', value: 'b' }] },
        ],
      }),
    })
    expect(rows()[0]?.tags).toEqual([
      { key: 'team', value: 'red' },
      { key: 'a', value: 'b' },
      { key: 'AmazonECSCreated', value: task.taskArn },
      { key: 'AmazonECSManaged', value: 'true' },
    ])
  })

  it('gets the volume that its configuration describes, whether it is run or started on an instance', async () => {
    const request = {
      taskDefinition: 'web',
      volumeConfigurations: [
        {
          name: 'data',
          managedEBSVolume: {
            ...wholeEbs('TASK_DEFINITION'),
            terminationPolicy: { deleteOnTermination: false },
          },
        },
      ],
    }
    const ran = await berth.ecs.runTask(request)
    const started = await berth.ecs.startTask({ ...request, containerInstances: [host] })
    for (const [task] of [ran.tasks!, started.tasks!])
      expect(rows().find(({ attachment }) => attachment?.taskArn === task?.taskArn)).toMatchObject({
        ...wholeVolume(task?.taskArn, { key: 'team', value: 'red' }),
        containerInstanceArn: host,
        attachment: { deleteOnTermination: false },
      })
  })

  it('is refused encrypted on an instance, too', async () => {
    const call = berth.ecs.startTask({
      taskDefinition: 'web',
      containerInstances: [host],
      volumeConfigurations: ebs({ encrypted: true }),
    })
    expect((await refusal(call))[0]).toBe('UnsupportedFeatureException')
  })

  it('gets one volume for each task of a call', async () => {
    const { tasks } = await berth.ecs.runTask({
      taskDefinition: 'web',
      count: 2,
      volumeConfigurations: ebs(),
    })
    const ids = tasks?.map(task => detail(task, 'volumeId'))
    expect(new Set(ids).size).toBe(2)
    expect(rows()).toHaveLength(2)
  })

  it('finds no place on hosts of the official agent, nor on those without volumes', async () => {
    berth.store.update(tx =>
      tx.put(containerInstances, { ...tx.get(containerInstances, host)!, agentKind: 'ecs' }),
    )
    const call = () => berth.ecs.runTask({ taskDefinition: 'web', volumeConfigurations: ebs() })
    expect((await call()).failures).toMatchObject([
      {
        reason: 'ATTRIBUTE',
        detail: expect.stringContaining('ecs.capability.storage.ebs-task-volume-attach'),
      },
    ])
    expect(rows()).toEqual([])
  })

  it('is gone with its volume when it was stopped before its host began with it', async () => {
    const task = await run({ volumeConfigurations: ebs() })
    await berth.ecs.stopTask({ task: task.taskArn! })
    await report(task, 'STOPPED')
    berth.settle()
    expect(rows()).toEqual([])
  })

  it.each<[string, Partial<RunTaskRequest>, string]>([
    ['without a configuration', {}, 'volumeConfigurations must configure it'],
    [
      'with another name',
      { volumeConfigurations: [{ ...ebs()[0]!, name: 'other' }] },
      'no volume named other',
    ],
    ['with two volumes', { volumeConfigurations: [...ebs(), ...ebs()] }, 'Only one volume'],
    [
      'without managedEBSVolume',
      { volumeConfigurations: [{ name: 'data' }] },
      'managedEBSVolume is required',
    ],
    ['of no size', { volumeConfigurations: ebs({ sizeInGiB: undefined }) }, 'Either sizeInGiB or snapshotId'],
    ['encrypted', { volumeConfigurations: ebs({ encrypted: true }) }, 'encrypted volumes'],
    ['with a key', { volumeConfigurations: ebs({ kmsKeyId: 'alias/a' }) }, 'encrypted volumes'],
    [
      "with ECS's own tags",
      {
        volumeConfigurations: ebs({
          tagSpecifications: [{ resourceType: 'volume', tags: [{ key: 'AmazonECSManaged', value: 'x' }] }],
        }),
      },
      'The tag AmazonECSManaged is reserved.',
    ],
    [
      'with tags of a service',
      {
        volumeConfigurations: ebs({
          tagSpecifications: [{ resourceType: 'volume', propagateTags: 'SERVICE' }],
        }),
      },
      'Tags of a service can only',
    ],
  ])('is refused %s, and nothing is made', async (_, change, message) => {
    expect((await refusal(berth.ecs.runTask({ taskDefinition: 'web', ...change })))[1]).toContain(message)
    expect(rows()).toEqual([])
  })
})

describe('a service with EBS volumes', () => {
  const create = async (change: Partial<CreateServiceRequest> = {}) => {
    const { service } = await berth.ecs.createService({
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 2,
      volumeConfigurations: ebs(),
      ...change,
    })
    berth.settle()
    return service
  }
  const shown = async () => {
    const { services } = await berth.ecs.describeServices({ services: ['web'] })
    return services?.[0]?.deployments
  }

  it('gives each task a new volume that ends with it, and shows the configuration in its deployment', async () => {
    await create({
      tags: [{ key: 'app', value: 'web' }],
      volumeConfigurations: ebs({
        tagSpecifications: [{ resourceType: 'volume', propagateTags: 'SERVICE' }],
      }),
    })
    expect(rows()).toHaveLength(2)
    expect(rows().every(({ attachment }) => attachment?.deleteOnTermination)).toBe(true)
    expect(rows()[0]?.tags[0]).toEqual({ key: 'app', value: 'web' })
    expect((await shown())?.[0]?.volumeConfigurations?.[0]).toMatchObject({
      name: 'data',
      managedEBSVolume: { roleArn, sizeInGiB: 10, volumeType: 'gp3' },
    })
  })

  it('shows all of its configuration in every answer, and its volumes are as it says', async () => {
    const volumeConfigurations = [{ name: 'data', managedEBSVolume: wholeEbs('SERVICE') }]
    const team = { key: 'app', value: 'web' }
    const created = await create({ desiredCount: 1, tags: [team], volumeConfigurations })
    expect(created?.deployments?.[0]?.volumeConfigurations).toEqual(volumeConfigurations)
    expect((await shown())?.[0]?.volumeConfigurations).toEqual(volumeConfigurations)
    const { serviceRevisions } = await berth.ecs.describeServiceRevisions({
      serviceRevisionArns: [created?.currentServiceRevisions?.[0]?.arn ?? ''],
    })
    expect(serviceRevisions?.[0]?.volumeConfigurations).toEqual(volumeConfigurations)
    const [first] = rows()
    expect(first).toMatchObject(wholeVolume(first?.attachment?.taskArn, team))

    volumeConfigurations[0]!.managedEBSVolume.sizeInGiB = 30
    const { service: updated } = await berth.ecs.updateService({ service: 'web', volumeConfigurations })
    expect(updated?.deployments?.[0]?.volumeConfigurations).toEqual(volumeConfigurations)
    berth.settle()
    expect(rows().map(({ sizeInGiB }) => sizeInGiB)).toEqual([20, 30])

    const { service: deleted } = await berth.ecs.deleteService({ service: 'web', force: true })
    expect(deleted?.deployments?.[0]?.volumeConfigurations).toEqual(volumeConfigurations)
  })

  it('replaces a lost task with one that has another volume', async () => {
    await create({ desiredCount: 1 })
    const [first] = rows()
    const { taskArns } = await berth.ecs.listTasks({ serviceName: 'web' })
    const { tasks } = await berth.ecs.describeTasks({ tasks: taskArns! })
    await tell(tasks![0]!, 'DELETED', 'STOPPED')
    berth.advance(600_000)
    expect(rows()).toHaveLength(1)
    expect(rows()[0]?.id).not.toBe(first?.id)
  })

  it('is deployed anew when its volumes are to be others, and not when nothing is said of them', async () => {
    await create()
    const update = async (change: object) => {
      await berth.ecs.updateService({ service: 'web', ...change })
      berth.settle()
      return (await shown())?.[0]
    }
    const before = (await shown())?.[0]?.id
    expect((await update({ desiredCount: 3 }))?.id).toBe(before)
    expect((await update({ volumeConfigurations: ebs() }))?.id).toBe(before)
    const after = await update({ volumeConfigurations: ebs({ sizeInGiB: 20 }) })
    expect(after?.id).not.toBe(before)
    expect(after?.volumeConfigurations?.[0]?.managedEBSVolume?.sizeInGiB).toBe(20)
  })

  it('is rolled back with the volumes of the deployment that it returns to', async () => {
    const deploymentCircuitBreaker = {
      enable: true,
      rollback: true,
      thresholdConfiguration: { type: 'COUNT', value: 1 } as const,
    }
    await create({ desiredCount: 1, deploymentConfiguration: { deploymentCircuitBreaker } })
    const tasksOf = async (): Promise<Task[]> => {
      const { taskArns = [] } = await berth.ecs.listTasks({ serviceName: 'web' })
      return (await berth.ecs.describeTasks({ tasks: taskArns })).tasks ?? []
    }
    await report(await tell((await tasksOf())[0]!, 'ATTACHED'), 'RUNNING')
    berth.advance(60_000)
    const first = await shown()
    await berth.ecs.updateService({ service: 'web', volumeConfigurations: ebs({ sizeInGiB: 20 }) })
    berth.settle()
    const failing = (await tasksOf()).find(({ lastStatus }) => lastStatus !== 'RUNNING')
    await report(failing!, 'STOPPED')
    berth.settle()
    expect((await shown())?.[0]).toMatchObject({
      id: first?.[0]?.id,
      rolloutState: 'COMPLETED',
      volumeConfigurations: ebs(),
    })
  })

  it('is refused without the configuration that its definition asks for', async () => {
    expect(await refusal(berth.ecs.createService({ serviceName: 'web', taskDefinition: 'web' }))).toEqual([
      'InvalidParameterException',
      expect.stringContaining('volumeConfigurations must configure it'),
    ])
  })
})
