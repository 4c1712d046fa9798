import { describe, expect, it } from 'vitest'
import { arn, refusal, startedAt, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { connect, setConnected, register, ready, run } = taskCalls(berth)

describe('RunTask', () => {
  it('echoes everything that a task is made of', async () => {
    const instance = await ready()
    const task = await run({
      cluster: 'default',
      count: 1,
      launchType: 'EC2',
      group: 'batch',
      startedBy: 'me',
      enableECSManagedTags: true,
      enableExecuteCommand: true,
      propagateTags: 'TASK_DEFINITION',
      referenceId: 'reference',
      tags: [{ key: 'a', value: 'b' }],
      placementConstraints: [{ type: 'memberOf', expression: 'attribute:ecs.cpu-architecture == x86_64' }],
      placementStrategy: [
        { type: 'spread', field: 'instanceId' },
        { type: 'binpack', field: 'memory' },
      ],
      overrides: {
        executionRoleArn: 'arn:aws:iam::111122223333:role/execution',
        cpu: '512',
        memory: '1024',
        containerOverrides: [
          {
            name: 'web',
            command: ['sleep', '1'],
            environment: [{ name: 'A', value: 'B' }],
            cpu: 128,
            memory: 300,
            memoryReservation: 200,
          },
        ],
      },
    })
    const id = task.taskArn!.split('/').at(-1)
    const container = task.containers![0]!
    expect(task.taskArn).toBe(arn(`task/default/${id}`))
    expect(container.containerArn).toMatch(
      new RegExp(`^${arn(`container/default/${id}/`)}[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`),
    )
    expect(task).toEqual({
      attachments: [],
      attributes: [{ name: 'ecs.cpu-architecture', value: 'x86_64' }],
      availabilityZone: 'us-east-1a',
      clusterArn: arn('cluster/default'),
      containerInstanceArn: instance,
      containers: [
        {
          containerArn: container.containerArn,
          taskArn: task.taskArn,
          name: 'web',
          image: 'web:1',
          lastStatus: 'PENDING',
          networkBindings: [],
          networkInterfaces: [],
          managedAgents: [{ name: 'ExecuteCommandAgent', lastStatus: 'PENDING' }],
          healthStatus: 'UNKNOWN',
          cpu: '128',
          memory: '300',
          memoryReservation: '200',
        },
      ],
      cpu: '512',
      createdAt: startedAt,
      desiredStatus: 'RUNNING',
      enableExecuteCommand: true,
      group: 'batch',
      healthStatus: 'UNKNOWN',
      lastStatus: 'PENDING',
      launchType: 'EC2',
      memory: '1024',
      overrides: {
        executionRoleArn: 'arn:aws:iam::111122223333:role/execution',
        cpu: '512',
        memory: '1024',
        containerOverrides: [
          {
            name: 'web',
            command: ['sleep', '1'],
            environment: [{ name: 'A', value: 'B' }],
            cpu: 128,
            memory: 300,
            memoryReservation: 200,
          },
        ],
        inferenceAcceleratorOverrides: [],
      },
      startedBy: 'me',
      tags: [
        { key: 'team', value: 'a' },
        { key: 'a', value: 'b' },
        { key: 'aws:ecs:clusterName', value: 'default' },
      ],
      taskArn: task.taskArn,
      taskDefinitionArn: arn('task-definition/web:1'),
      version: 1,
    })
  })

  it('fills in what is not said', async () => {
    await ready()
    expect(await run()).toMatchObject({
      group: 'family:web',
      launchType: 'EC2',
      cpu: '256',
      memory: '256',
      enableExecuteCommand: false,
      tags: [],
      overrides: { containerOverrides: [{ name: 'web' }], inferenceAcceleratorOverrides: [] },
    })
  })

  it('says of each instance why the rest was not placed', async () => {
    const full = await ready()
    const small = await connect({ cpu: 128 })
    const away = await connect()
    setConnected(away, false)
    const { tasks, failures } = await berth.ecs.runTask({ taskDefinition: 'web:1', count: 10 })
    expect(tasks?.length).toBe(8)
    const reasons = new Map(failures?.map(({ arn: id, reason }) => [id, reason]))
    expect(reasons).toEqual(
      new Map([
        [full, 'RESOURCE:CPU'],
        [small, 'RESOURCE:CPU'],
        [away, 'AGENT'],
      ]),
    )
  })

  it('says which attributes an instance lacks', async () => {
    const instance = await ready()
    const gone = { name: 'ecs.capability.container-restart-policy' }
    const containerDefinitions = [
      { name: 'web', image: 'web:1', memory: 64, restartPolicy: { enabled: true } },
    ]
    await register({ family: 'restarting', containerDefinitions })
    const call = () => berth.ecs.runTask({ taskDefinition: 'restarting' })
    const detail = `Missing attributes: ${gone.name}.`
    expect((await call()).failures).toEqual([{ arn: instance, reason: 'ATTRIBUTE', detail }])
    await connect({ attributes: [gone] })
    expect((await call()).failures).toEqual([])
  })

  it('is idempotent by clientToken', async () => {
    await ready()
    const first = await run({ clientToken: 'token' })
    expect((await run({ clientToken: 'token' })).taskArn).toBe(first.taskArn)
    const other = berth.ecs.runTask({ taskDefinition: 'web', clientToken: 'token', count: 2 })
    await expect(refusal(other)).resolves.toEqual([
      'ConflictException',
      'The RunTask request could not be processed due to conflicts. The provided clientToken is already in use with a different RunTask request.',
    ])
  })

  it('refuses with the errors of ECS', async () => {
    const call = (change: object = {}) => refusal(berth.ecs.runTask({ taskDefinition: 'web', ...change }))
    await expect(call()).resolves.toEqual(['ClusterNotFoundException', 'Cluster not found.'])
    await berth.ecs.createCluster({ clusterName: 'default' })
    await expect(call()).resolves.toEqual(['ClientException', 'TaskDefinition not found.'])
    await register()
    await expect(call()).resolves.toEqual([
      'InvalidParameterException',
      'No Container Instances were found in your cluster.',
    ])
    await expect(call({ launchType: 'FARGATE' })).resolves.toEqual([
      'InvalidParameterException',
      'Task definition does not support launch_type FARGATE.',
    ])
    await expect(refusal(berth.nobody.runTask({ taskDefinition: 'web' }))).resolves.toMatchObject([
      'AccessDeniedException',
      expect.stringContaining('ecs:RunTask on resource'),
    ])
    await berth.ecs.deregisterTaskDefinition({ taskDefinition: 'web:1' })
    await expect(call({ taskDefinition: 'web:1' })).resolves.toEqual([
      'InvalidParameterException',
      'TaskDefinition is inactive',
    ])
  })
})
