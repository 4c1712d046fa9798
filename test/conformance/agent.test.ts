import { describe, expect, it } from 'vitest'
import { refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { ready, run, described } = taskCalls(berth)

const nobody = '0'.repeat(32)

describe('DiscoverPollEndpoint', () => {
  it('names the address that the agent called', async () => {
    const id = await ready()
    const answer = await berth.ecs.discoverPollEndpoint({ cluster: 'default', containerInstance: id })
    expect(answer.endpoint).toBe('http://localhost:4566/acs')
    expect(answer.telemetryEndpoint).toBe('http://localhost:4566/tcs')
    expect(answer.serviceConnectEndpoint).toBeUndefined()
  })

  it('tells a deregistered instance too, whose session is then refused', async () => {
    const id = await ready()
    await berth.ecs.deregisterContainerInstance({ containerInstance: id, force: true })
    const answer = await berth.ecs.discoverPollEndpoint({ containerInstance: id })
    expect(answer.endpoint).toBe('http://localhost:4566/acs')
  })

  it('refuses an instance that is not there', async () => {
    await berth.ecs.createCluster({})
    expect(await refusal(berth.ecs.discoverPollEndpoint({ containerInstance: nobody }))).toEqual([
      'ClientException',
      `Referenced container instance ${nobody} not found.`,
    ])
    expect(await refusal(berth.ecs.discoverPollEndpoint({ containerInstance: 'short' }))).toEqual([
      'InvalidParameterException',
      'containerInstanceId length should be one of [32,36]',
    ])
  })
})

/** The official agent's requests have members that the published model lacks. */
const sendingAlso = async <R>(extra: object, call: () => Promise<R>): Promise<R> => {
  const name = 'sendExtraMembers'
  berth.ecs.middlewareStack.add(
    next => args => {
      const request = args.request as { body: string | Uint8Array; headers: Record<string, string> }
      const sent = JSON.parse(Buffer.from(request.body as string).toString('utf8'))
      request.body = JSON.stringify({ ...sent, ...extra })
      request.headers['content-length'] = String(Buffer.byteLength(request.body))
      return next(args)
    },
    { step: 'build', priority: 'high', name },
  )
  try {
    return await call()
  } finally {
    berth.ecs.middlewareStack.remove(name)
  }
}

describe('the official agent', () => {
  it('may send a zone id and a client token', async () => {
    await berth.ecs.createCluster({})
    const totalResources = [
      { name: 'CPU', type: 'INTEGER', integerValue: 1024 },
      { name: 'MEMORY', type: 'INTEGER', integerValue: 1024 },
    ]
    await sendingAlso({ clientToken: 'token' }, () => berth.ecs.registerContainerInstance({ totalResources }))
    const { endpoint } = await sendingAlso({ zoneId: '' }, () => berth.ecs.discoverPollEndpoint({}))
    expect(endpoint).toBe('http://localhost:4566/acs')
  })
})

describe('a registration whose answer was lost', () => {
  it('is the same registration when it is tried again', async () => {
    await berth.ecs.createCluster({})
    const totalResources = [
      { name: 'CPU', type: 'INTEGER', integerValue: 1024 },
      { name: 'MEMORY', type: 'INTEGER', integerValue: 1024 },
    ]
    const register = async (clientToken: string) => {
      const answer = await sendingAlso({ clientToken }, () =>
        berth.ecs.registerContainerInstance({ totalResources }),
      )
      return answer.containerInstance?.containerInstanceArn ?? ''
    }
    const first = await register('token-1')
    expect(await register('token-1')).toBe(first)
    expect(await register('token-2')).not.toBe(first)
    await berth.ecs.deregisterContainerInstance({ containerInstance: first })
    expect(await register('token-1')).not.toBe(first)
  })
})

describe('SubmitTaskStateChange', () => {
  it('takes in everything that an agent reports', async () => {
    await ready()
    const task = await run()
    const binding = { bindIP: '0.0.0.0', containerPort: 80, hostPort: 8080, protocol: 'tcp' } as const
    const range = { bindIP: '::', containerPortRange: '1-2', hostPortRange: '5-6', protocol: 'udp' } as const
    const { acknowledgment } = await berth.ecs.submitTaskStateChange({
      cluster: 'default',
      task: task.taskArn!,
      status: 'RUNNING',
      reason: '',
      containers: [
        {
          containerName: 'web',
          status: 'RUNNING',
          runtimeId: 'r1',
          imageDigest: 'sha256:1',
          reason: '',
          networkBindings: [binding, range, { bindIP: '0.0.0.0' }],
        },
      ],
      attachments: [],
      managedAgents: [],
      pullStartedAt: new Date(1000),
      pullStoppedAt: new Date(2000),
    })
    expect(acknowledgment).toBe('ACK')
    expect(await described(task)).toMatchObject({
      lastStatus: 'RUNNING',
      pullStartedAt: new Date(1000),
      pullStoppedAt: new Date(2000),
      containers: [
        {
          lastStatus: 'RUNNING',
          runtimeId: 'r1',
          imageDigest: 'sha256:1',
          networkBindings: [binding, range],
        },
      ],
    })
    await berth.ecs.submitTaskStateChange({
      task: task.taskArn!,
      status: 'STOPPED',
      reason: 'the host said so',
      containers: [
        // Two states of one container, in the order in which they happened.
        { containerName: 'web', status: 'RUNNING' },
        {
          containerName: 'web',
          status: 'STOPPED',
          exitCode: 137,
          reason: 'OutOfMemoryError: Container killed',
        },
      ],
      executionStoppedAt: new Date(3000),
    })
    expect(await described(task)).toMatchObject({
      lastStatus: 'STOPPED',
      stoppedReason: 'the host said so',
      executionStoppedAt: new Date(3000),
      containers: [{ exitCode: 137, reason: 'OutOfMemoryError: Container killed' }],
    })
  })

  it('refuses what it does not understand with the exception that makes an agent drop its report', async () => {
    await ready()
    const task = (await run()).taskArn!
    const call = (change: object) => refusal(berth.ecs.submitTaskStateChange({ task, ...change }))
    expect(await call({ task: nobody })).toEqual([
      'InvalidParameterException',
      'The referenced task was not found.',
    ])
    expect(await call({ task: undefined })).toEqual(['InvalidParameterException', 'Task cannot be blank.'])
    expect(await call({ status: 'GONE' })).toEqual([
      'InvalidParameterException',
      'Task status is invalid: GONE',
    ])
    expect(await call({ containers: [{ containerName: 'web', status: 'GONE' }] })).toEqual([
      'InvalidParameterException',
      'Container status is invalid: GONE',
    ])
    expect(await call({ containers: [{ status: 'RUNNING' }] })).toEqual([
      'InvalidParameterException',
      'Container name cannot be blank.',
    ])
    expect(await call({ cluster: 'green' })).toEqual(['ClusterNotFoundException', 'Cluster not found.'])
  })
})

describe('SubmitContainerStateChange', () => {
  it('takes in the state of one container', async () => {
    await ready()
    const task = await run()
    const binding = { bindIP: '0.0.0.0', containerPort: 80, hostPort: 8080, protocol: 'tcp' } as const
    const range = { bindIP: '::', containerPortRange: '1-2', hostPortRange: '5-6', protocol: 'udp' } as const
    const { acknowledgment } = await berth.ecs.submitContainerStateChange({
      cluster: 'default',
      task: task.taskArn!,
      containerName: 'web',
      status: 'STOPPED',
      runtimeId: 'r1',
      exitCode: 1,
      reason: 'why',
      networkBindings: [binding, range],
    })
    expect(acknowledgment).toBe('ACK')
    expect(await described(task)).toMatchObject({
      containers: [
        {
          lastStatus: 'STOPPED',
          runtimeId: 'r1',
          exitCode: 1,
          reason: 'why',
          networkBindings: [binding, range],
        },
      ],
    })
  })

  it('refuses a task or a cluster that is not there', async () => {
    await berth.ecs.createCluster({})
    const call = (cluster: string) =>
      refusal(berth.ecs.submitContainerStateChange({ cluster, task: nobody, containerName: 'web' }))
    expect(await call('default')).toEqual(['InvalidParameterException', 'The referenced task was not found.'])
    expect(await call('green')).toEqual(['ClusterNotFoundException', 'Cluster not found.'])
  })
})

describe('SubmitAttachmentStateChanges', () => {
  it('knows no attachment of an instance yet', async () => {
    await berth.ecs.createCluster({})
    const attachmentArn = 'arn:aws:ecs:us-east-1:111122223333:attachment/1'
    const call = (cluster: string, attachments = [{ attachmentArn, status: 'ATTACHED' }]) =>
      refusal(berth.ecs.submitAttachmentStateChanges({ cluster, attachments }))
    expect(await call('default')).toEqual([
      'InvalidParameterException',
      `The referenced attachment ${attachmentArn} was not found.`,
    ])
    expect(await call('default', [])).toEqual(['InvalidParameterException', 'Attachments cannot be empty.'])
    expect(await call('green')).toEqual(['ClusterNotFoundException', 'Cluster not found.'])
  })
})
