/** The calls of the ECS API that the agent makes, each with exactly its members, headers and signed headers. */
import { describe, expect, it } from 'vitest'
import { registration, ScriptedAgent, valued } from './scripted-agent.ts'
import { Server } from './server.ts'
import { taskCalls, useWorld } from './world.ts'

const world = useWorld()
const { defineAndRun, described, host } = taskCalls(world)

describe('RegisterContainerInstance', () => {
  it('is answered with the ARN, the zone, and every attribute that has a value', async () => {
    const { status, body } = await world.agent.register()
    expect(status).toBe(200)
    expect(body.containerInstance.containerInstanceArn).toMatch(
      /^arn:aws:ecs:.*:container-instance\/default\//,
    )
    expect(body.containerInstance.attributes).toEqual(expect.arrayContaining(valued))
    expect(body.containerInstance.attributes).toContainEqual({
      name: 'ecs.availability-zone',
      value: expect.stringMatching(/./),
    })
  })

  it('takes the resources, tags and devices that the agent names', async () => {
    await world.agent.register({
      tags: [{ key: 'rack', value: 'r1' }],
      platformDevices: [{ id: 'GPU-1', type: 'GPU' }],
      attributes: [...registration.attributes, { name: 'room', value: 'cellar' }],
    })
    expect(await host()).toMatchObject({
      tags: [{ key: 'rack', value: 'r1' }],
      registeredResources: expect.arrayContaining([
        expect.objectContaining({ name: 'CPU', integerValue: 2048 }),
        expect.objectContaining({ name: 'PORTS', stringSetValue: expect.arrayContaining(['51679']) }),
        expect.objectContaining({ name: 'GPU', stringSetValue: ['GPU-1'] }),
      ]),
    })
  })

  it('with the ARN that the agent has kept is the same instance, whose own attributes stay', async () => {
    await world.agent.register({ attributes: [{ name: 'room', value: 'cellar' }] })
    const before = world.agent.instanceArn
    const { body } = await world.agent.register()
    expect(body.containerInstance.containerInstanceArn).toBe(before)
    expect(body.containerInstance.attributes).toContainEqual({ name: 'room', value: 'cellar' })
  })

  it('whose answer was lost is the same instance when the SDK sends it again', async () => {
    const body = { ...registration, clientToken: 'token' }
    const first = await world.agent.call('RegisterContainerInstance', body)
    const second = await world.agent.call('RegisterContainerInstance', body, { attempt: 2 })
    const arnOf = (answer: typeof first) => answer.body.containerInstance.containerInstanceArn
    expect(arnOf(second)).toBe(arnOf(first))
  })

  it('in a default cluster that is not there makes the agent create it, and no other', async () => {
    const server = new Server()
    await server.start()
    const agent = new ScriptedAgent(server)
    expect((await agent.register()).body.message).toContain('Cluster not found.')
    const create = (clusterName: string) => agent.call('CreateCluster', { clusterName })
    expect((await create('default')).body.cluster.clusterName).toBe('default')
    expect((await agent.register()).status).toBe(200)
    expect((await create('other')).body.__type).toBe('AccessDeniedException')
    await server.stop()
  })

  it.each([
    ['InvalidParameterException', { attributes: [{ name: 'not a name' }] }],
    ['InvalidParameterException', { instanceIdentityDocument: 'nonsense' }],
  ])('that cannot be mended is refused with %s, which ends the agent for good', async (type, change) => {
    const { status, body } = await world.agent.register(change)
    expect(status).toBe(400)
    expect(body).toMatchObject({ __type: type, message: expect.stringMatching(/./) })
  })

  it('of an instance that was deregistered is refused with ClientException, which ends the agent for good', async () => {
    await world.agent.register()
    await world.server.ecs.deregisterContainerInstance({ containerInstance: world.agent.instanceArn })
    expect((await world.agent.register()).body.__type).toBe('ClientException')
  })
})

it('DiscoverPollEndpoint names an endpoint of the sessions and one of telemetry, and none of Service Connect', async () => {
  await world.agent.register()
  const { body } = await world.agent.discover()
  const { endpoint } = world.server
  expect(body).toEqual({ endpoint: `${endpoint}/acs`, telemetryEndpoint: `${endpoint}/tcs` })
})

describe('SubmitTaskStateChange', () => {
  it('with the times of the host in seconds, and empty lists and texts, is taken in', async () => {
    await world.agent.join()
    const task = await defineAndRun()
    const { status } = await world.agent.report(task, {
      status: 'RUNNING',
      pullStartedAt: 1_790_000_000.125,
      pullStoppedAt: 1_790_000_001.5,
      containers: [
        { containerName: 'web', runtimeId: 'r', status: 'RUNNING', networkBindings: [], reason: '' },
      ],
      managedAgents: [],
      attachments: [],
    })
    expect(status).toBe(200)
    expect(await described(task)).toMatchObject({
      lastStatus: 'RUNNING',
      pullStartedAt: new Date(1_790_000_000_125),
      pullStoppedAt: new Date(1_790_000_001_500),
    })
  })

  it('that comes again, as the 298th attempt, changes nothing', async () => {
    await world.agent.join()
    const task = await defineAndRun()
    await world.agent.report(task, { status: 'RUNNING' })
    const before = await described(task)
    const again = { cluster: 'default', task, status: 'RUNNING', reason: '' }
    const { status } = await world.agent.call('SubmitTaskStateChange', again, { attempt: 298, most: 298 })
    expect(status).toBe(200)
    expect(await described(task)).toEqual(before)
  })

  it('of a task that nobody knows is refused so that the agent drops it', async () => {
    await world.agent.register()
    const { status, body } = await world.agent.report('0'.repeat(32), { status: 'STOPPED' })
    expect([status, body.__type]).toEqual([400, 'InvalidParameterException'])
  })
})

it('SubmitContainerStateChange is taken in, though this agent never sends it', async () => {
  await world.agent.join()
  const task = await defineAndRun()
  const change = { containerName: 'web', status: 'RUNNING', runtimeId: 'r', networkBindings: [] }
  const { status } = await world.agent.call('SubmitContainerStateChange', {
    cluster: 'default',
    task,
    ...change,
  })
  expect(status).toBe(200)
  expect((await described(task))?.containers?.[0]).toMatchObject({ lastStatus: 'RUNNING', runtimeId: 'r' })
})

it('SubmitAttachmentStateChanges of what the server never attached is refused so that the agent drops it', async () => {
  await world.agent.register()
  const attachments = [
    { attachmentArn: 'arn:aws:ecs:us-east-1:000000000000:attachment/1', status: 'ATTACHED' },
  ]
  const { body } = await world.agent.call('SubmitAttachmentStateChanges', { cluster: 'default', attachments })
  expect(body.__type).toBe('InvalidParameterException')
})

it('UpdateContainerInstancesState lets the agent drain its own instance', async () => {
  await world.agent.register()
  const { status } = await world.agent.call('UpdateContainerInstancesState', {
    cluster: 'default',
    containerInstances: [world.agent.instanceArn],
    status: 'DRAINING',
  })
  expect(status).toBe(200)
  expect((await host())?.status).toBe('DRAINING')
})

it('ListTagsForResource tells the tags of a task and of the instance', async () => {
  const tags = [{ key: 'rack', value: 'r1' }]
  await world.agent.register({ tags })
  await world.agent.acs()
  const task = await defineAndRun()
  await world.server.ecs.tagResource({ resourceArn: task, tags: [{ key: 'team', value: 'a' }] })
  const tagsOf = async (resourceArn: string) =>
    (await world.agent.call('ListTagsForResource', { resourceArn })).body.tags
  expect(await tagsOf(task)).toEqual([{ key: 'team', value: 'a' }])
  expect(await tagsOf(world.agent.instanceArn)).toEqual(tags)
})

describe('task protection', () => {
  const answersTo = async (task: string, roleCredentials: never) => {
    const body = { cluster: 'default', tasks: [task] }
    const change = { ...body, protectionEnabled: true, expiresInMinutes: 5 }
    return [
      (await world.agent.call('UpdateTaskProtection', change, {}, roleCredentials)).body,
      (await world.agent.call('GetTaskProtection', body, {}, roleCredentials)).body,
    ]
  }

  it("of a service's task, asked with the role of the task, is one entry", async () => {
    const { acs } = await world.agent.join()
    await world.server.ecs.registerTaskDefinition({
      family: 'web',
      taskRoleArn: 'app',
      containerDefinitions: [{ name: 'web', image: 'registry.example/web:1', memory: 64 }],
    })
    await world.server.ecs.createService({
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 1,
      launchType: 'EXTERNAL',
    })
    const [task] = (await acs.next('PayloadMessage')).tasks
    for (const answer of await answersTo(task.arn, task.roleCredentials as never)) {
      expect(answer.failures).toEqual([])
      expect(answer.protectedTasks).toMatchObject([{ taskArn: task.arn, protectionEnabled: true }])
    }
  })

  it('of a task without a service is one failure', async () => {
    const { acs } = await world.agent.join()
    const arn = await defineAndRun({ taskRoleArn: 'app' })
    const [task] = (await acs.next('PayloadMessage')).tasks
    for (const answer of await answersTo(arn, task.roleCredentials as never)) {
      expect([...answer.protectedTasks, ...answer.failures]).toHaveLength(1)
    }
  })
})

it('A call that is refused says its type and a message, and nothing with a status of 200', async () => {
  const { status, body } = await world.agent.call('RegisterContainerInstance', { cluster: 'nowhere' })
  expect(status).toBe(400)
  expect(body).toEqual({ __type: 'ClientException', message: 'Cluster not found.' })
})
