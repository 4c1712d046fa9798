import type { RunTaskRequest, RunTaskResponse } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import type { JournaledStore } from '../../../../store/journaled-store.ts'
import { timestamp } from '../../../timestamp.ts'
import { callOn } from '../../fixtures/root-call.ts'
import { given, instanceArn, start, storeWith } from '../../fixtures/rows.ts'
import { clientTokens, tasks } from '../../tables/index.ts'
import { runTask } from './run-task.ts'

const ready = (instances = [given.instance(1)], definition = given.taskDefinition()) =>
  storeWith({ instances, taskDefinitions: [definition] })

const call = (request: Partial<RunTaskRequest>, store: JournaledStore, now = start): RunTaskResponse =>
  runTask.handle({ taskDefinition: 'web', ...request }, callOn(store, now)) as RunTaskResponse

const refusal = async (request: Partial<RunTaskRequest>, store?: JournaledStore): Promise<string> => {
  const full = store ?? (await ready())
  try {
    call(request, full)
  } catch (error) {
    expect([...full.all(tasks)]).toEqual([])
    return `${(error as { code: string }).code}: ${(error as Error).message}`
  }
  return 'accepted'
}

describe('RunTask', () => {
  it('answers with the whole task, waiting for its host', async () => {
    const store = await ready()
    const answer = call(
      { startedBy: 'me', tags: [{ key: 'a', value: 'b' }], enableECSManagedTags: true },
      store,
    )
    const arn = 'arn:aws:ecs:eu-central-1:123456789012:task/default/00000001000000010000000100000001'
    expect(answer).toEqual({
      failures: [],
      tasks: [
        {
          attachments: [],
          attributes: [{ name: 'ecs.cpu-architecture', value: 'x86_64' }],
          availabilityZone: 'a',
          clusterArn: given.cluster.id,
          containerInstanceArn: instanceArn(1),
          containers: [
            {
              containerArn: `${arn.replace(':task/', ':container/')}/00000002-0000-0002-0000-000200000002`,
              taskArn: arn,
              name: 'web',
              image: 'web:1',
              lastStatus: 'PENDING',
              networkBindings: [],
              networkInterfaces: [],
              healthStatus: 'UNKNOWN',
              cpu: '256',
              memory: '512',
            },
          ],
          cpu: '256',
          createdAt: timestamp(start),
          desiredStatus: 'RUNNING',
          enableExecuteCommand: false,
          group: 'family:web',
          healthStatus: 'UNKNOWN',
          lastStatus: 'PENDING',
          launchType: 'EC2',
          memory: '512',
          overrides: { containerOverrides: [{ name: 'web' }], inferenceAcceleratorOverrides: [] },
          startedBy: 'me',
          tags: [
            { key: 'a', value: 'b' },
            { key: 'aws:ecs:clusterName', value: 'default' },
          ],
          taskArn: arn,
          taskDefinitionArn: given.taskDefinition().id,
          version: 1,
        },
      ],
    })
    expect(store.get(tasks, arn)?.reserved).toEqual({ cpu: 256, memoryMiB: 512, ports: [], gpuIds: [] })
  })

  it('takes from the instance what the definition and the overrides say', async () => {
    const web = given.container({
      memoryReservation: 128,
      portMappings: [{ containerPort: 80, hostPort: 8080 }],
    })
    const side = given.container({
      name: 'side',
      portMappings: [{ containerPort: 53, hostPort: 0, protocol: 'udp' }],
    })
    const store = await ready(undefined, given.taskDefinition({ containerDefinitions: [web, side] }))
    const containerOverrides = [{ name: 'side', cpu: 1024, memory: 2048 }]
    const [task] = call({ overrides: { containerOverrides } }, store).tasks ?? []
    expect([...store.all(tasks)][0]?.reserved).toEqual({
      cpu: 1280,
      memoryMiB: 2176,
      ports: ['8080/tcp'],
      gpuIds: [],
    })
    expect(task).toMatchObject({ cpu: '1280', memory: '2176' })
    expect(task?.containers?.[1]).toMatchObject({ cpu: '1024', memory: '2048' })
    expect(task?.overrides?.containerOverrides).toEqual([{ name: 'web' }, containerOverrides[0]])
    const [sized] =
      call({ overrides: { cpu: '.5 vCPU', memory: '1 GB' }, cluster: 'default' }, await ready()).tasks ?? []
    expect(sized).toMatchObject({ cpu: '512', memory: '1024' })
  })

  it('reserves container ports in host mode', async () => {
    const containerDefinitions = [given.container({ portMappings: [{ containerPort: 80 }] })]
    const store = await ready(undefined, given.taskDefinition({ networkMode: 'host', containerDefinitions }))
    const { tasks: made, failures } = call({ count: 2 }, store)
    expect(made?.length).toBe(1)
    expect(failures).toEqual([{ arn: instanceArn(1), reason: 'RESOURCE:PORTS' }])
  })

  it('starts what has room, and says of each instance why it has none for the rest', async () => {
    const registered = { cpu: 600, memoryMiB: 8192, ports: [], gpuIds: [] }
    const instances = [given.instance(1, { registered }), given.instance(2, { agentConnected: false })]
    const { tasks: made, failures } = call({ count: 10 }, await ready(instances))
    expect(made?.length).toBe(2)
    expect(failures).toEqual(
      expect.arrayContaining([
        { arn: instanceArn(1), reason: 'RESOURCE:CPU' },
        { arn: instanceArn(2), reason: 'AGENT' },
      ]),
    )
  })

  it('refuses more than fifty tags, its own and the propagated ones together', async () => {
    const tagged = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => ({ key: `k${from + index}`, value: 'v' }))
    const definition = given.taskDefinition({}, { tags: tagged(0, 30) })
    const run = async (tags: RunTaskRequest['tags']) =>
      refusal(
        { propagateTags: 'TASK_DEFINITION', tags, enableECSManagedTags: true },
        await ready(undefined, definition),
      )
    expect(await run(tagged(30, 51))).toBe('InvalidParameterException: The maximum number of tags is 50.')
    expect(await run(tagged(29, 50))).toBe('accepted')
  })

  it('propagates the tags of the definition when told so, under those of the request', async () => {
    const definition = given.taskDefinition(
      {},
      {
        tags: [
          { key: 'a', value: '1' },
          { key: 'b', value: '1' },
        ],
      },
    )
    const store = await ready(undefined, definition)
    const [task] =
      call({ propagateTags: 'TASK_DEFINITION', tags: [{ key: 'b', value: '2' }] }, store).tasks ?? []
    expect(task?.tags).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ])
    expect(call({}, store).tasks?.[0]?.tags).toEqual([])
  })

  it('does its work once for each clientToken', async () => {
    const store = await ready()
    const first = call({ clientToken: 'once', count: 2 }, store)
    expect(call({ clientToken: 'once', count: 2 }, store, start + 1)).toEqual(first)
    expect([...store.all(tasks)].length).toBe(2)
    expect(() => call({ clientToken: 'once', count: 3 }, store)).toThrow('already in use')
    for (const task of store.all(tasks))
      expect(store.get(clientTokens, task.clientTokenId ?? '')?.resourceArns).toContain(task.id)
    expect(call({ clientToken: 'twice' }, store).tasks?.length).toBe(1)
  })

  it('runs as EXTERNAL where the definition allows it', async () => {
    const store = await ready()
    expect(call({ launchType: 'EXTERNAL' }, store).tasks?.[0]?.launchType).toBe('EXTERNAL')
    const onlyEc2 = await ready(undefined, given.taskDefinition({ compatibilities: ['EC2'] }))
    expect(await refusal({ launchType: 'EXTERNAL' }, onlyEc2)).toBe(
      'InvalidParameterException: Task definition does not support launch_type EXTERNAL.',
    )
  })

  it('says that a cluster has no instances', async () => {
    const none = 'InvalidParameterException: No Container Instances were found in your cluster.'
    expect(await refusal({}, await ready([]))).toBe(none)
    expect(await refusal({}, await ready([given.instance(1, { status: 'DRAINING' })]))).toBe(none)
  })

  it.each<[string, Partial<RunTaskRequest>]>([
    ['InvalidParameterException: The number of tasks (count)', { count: 0 }],
    ['InvalidParameterException: The number of tasks (count)', { count: 11 }],
    ['ClusterNotFoundException: Cluster not found.', { cluster: 'other' }],
    ['ClientException: TaskDefinition not found.', { taskDefinition: 'other' }],
    ['ClientException: TaskDefinition not found.', { taskDefinition: 'web:2' }],
    ["InvalidParameterException: Task group name can't start with service:", { group: 'service:web' }],
    ['InvalidParameterException: startedBy', { startedBy: 'x'.repeat(129) }],
    ['InvalidParameterException: startedBy', { startedBy: 'me & you' }],
    ['InvalidParameterException: Tags of a service', { propagateTags: 'SERVICE' }],
    ['InvalidParameterException: Tag keys', { tags: [{ key: 'aws:x', value: '' }] }],
    ['InvalidParameterException: Task definition does not support', { launchType: 'FARGATE' }],
    ['UnsupportedFeatureException: The MANAGED_INSTANCES', { launchType: 'MANAGED_INSTANCES' }],
    [
      'InvalidParameterException: Specifying both a launch type and capacity provider strategy',
      { launchType: 'EC2', capacityProviderStrategy: [{ capacityProvider: 'x' }] },
    ],
    [
      'UnsupportedFeatureException: Capacity provider',
      { capacityProviderStrategy: [{ capacityProvider: 'x' }] },
    ],
    ['InvalidParameterException: The platform version must be null', { platformVersion: 'LATEST' }],
    [
      'InvalidParameterException: Network Configuration is not valid for the given networkMode',
      { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } } },
    ],
    [
      'InvalidParameterException: Override for container named other is not a container in the TaskDefinition.',
      { overrides: { containerOverrides: [{ name: 'other', cpu: 1 }] } },
    ],
    [
      'InvalidParameterException: Container override name',
      { overrides: { containerOverrides: [{ cpu: 1 }] } },
    ],
    ["InvalidParameterException: Invalid 'cpu' setting", { overrides: { cpu: 'much' } }],
    ['InvalidParameterException: Ephemeral storage', { overrides: { ephemeralStorage: { sizeInGiB: 21 } } }],
    [
      'InvalidParameterException: Container Overrides length must be at most 8192',
      { overrides: { containerOverrides: [{ name: 'web', command: ['x'.repeat(9000)] }] } },
    ],
    [
      'InvalidParameterException: The task definition has no volume named data',
      { volumeConfigurations: [{ name: 'data' }] },
    ],
    [
      'InvalidParameterException: memberOf expression should be specified.',
      { placementConstraints: [{ type: 'memberOf' }] },
    ],
    [
      'InvalidParameterException: ',
      { placementConstraints: [{ type: 'memberOf', expression: 'attribute:x ~~ 1' }] },
    ],
    [
      'InvalidParameterException: distinctInstance expression should not be specified.',
      { placementConstraints: [{ type: 'distinctInstance', expression: 'x' }] },
    ],
    [
      'InvalidParameterException: Maximum number of constraints is 10.',
      { placementConstraints: Array(11).fill({ type: 'distinctInstance' }) },
    ],
    [
      'InvalidParameterException: Maximum number of strategies is 5.',
      { placementStrategy: Array(6).fill({ type: 'random' }) },
    ],
    [
      "InvalidParameterException: binpack field 'disk' is invalid.",
      { placementStrategy: [{ type: 'binpack', field: 'disk' }] },
    ],
    [
      'InvalidParameterException: spread field should be specified.',
      { placementStrategy: [{ type: 'spread' }] },
    ],
    [
      "InvalidParameterException: spread field 'rack' is invalid.",
      { placementStrategy: [{ type: 'spread', field: 'rack' }] },
    ],
    [
      'InvalidParameterException: random field should not be specified.',
      { placementStrategy: [{ type: 'random', field: 'cpu' }] },
    ],
    ['InvalidParameterException: clientToken', { clientToken: 'x'.repeat(65) }],
  ])('refuses, and starts nothing: %s', async (expected, request) => {
    expect((await refusal(request)).slice(0, expected.length)).toBe(expected)
  })

  it('asks for the network of tasks of the network mode awsvpc', async () => {
    const store = await ready(undefined, given.taskDefinition({ networkMode: 'awsvpc' }))
    expect(await refusal({}, store)).toContain(
      "InvalidParameterException: Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    )
  })
})
