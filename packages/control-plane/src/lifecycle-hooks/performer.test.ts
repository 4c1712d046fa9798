import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { root } from '../services/ecs/fixtures/root-call.ts'
import { given, scope } from '../services/ecs/fixtures/rows.ts'
import { emptyWorld, type World } from '../services/ecs/fixtures/service-world.ts'
import type { HookCall, HookTarget } from '../services/ecs/index.ts'
import { hookPerformer } from './performer.ts'

const arn = 'arn:aws:lambda:us-east-1:123456789012:function:check'
const call: HookCall = {
  serviceArn: `arn:aws:ecs:${scope.region}:${scope.accountId}:service/default/web`,
  serviceDeploymentArn: 'deployment',
  clusterArn: given.cluster.id,
  targetArn: arn,
  event: {
    executionId: '1-2-3',
    lifecycleStage: 'PRE_SCALE_UP',
    resourceArn: 'deployment',
    executionDetails: {
      serviceArn: 'service',
      targetServiceRevisionArn: 'green',
      testTrafficWeights: {},
      productionTrafficWeights: {},
    },
  },
}

const performerOf = (on: World, target?: HookTarget) =>
  hookPerformer(new Map(target ? [[arn, target]] : []), {
    store: on.store,
    now: () => on.clock.now(),
    randomHex: on.call().randomHex,
    identity: root,
  })
const perform = (on: World, target?: HookTarget, signal = new AbortController().signal): Promise<unknown> =>
  performerOf(on, target)({ id: 'effect-1', request: call, attempt: 0, signal })

describe('a hook that is a URL', () => {
  let server: Server | undefined
  afterEach(() => server?.close())
  const seen: { headers: IncomingMessage['headers']; body: string }[] = []
  const answering = async (statusCode: number, body: string): Promise<HookTarget> => {
    seen.length = 0
    server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        seen.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
        response.writeHead(statusCode).end(body)
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return { kind: 'url', url: `http://127.0.0.1:${port}/check`, headers: { authorization: 'token' } }
  }

  it('is posted the event, with the headers that the operator gave, and the call’s own id', async () => {
    const target = await answering(200, '{"hookStatus":"SUCCEEDED"}')
    await expect(perform(await emptyWorld(), target)).resolves.toEqual({ hookStatus: 'SUCCEEDED' })
    expect(seen).toMatchObject([
      {
        headers: { authorization: 'token', 'berth-call-id': 'effect-1', 'content-type': 'application/json' },
      },
    ])
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(call.event)
  })

  it('that answers no JSON has no status', async () => {
    await expect(perform(await emptyWorld(), await answering(200, 'fine'))).resolves.toBeNull()
  })

  it.each([
    [503, true],
    [429, true],
    [500, false],
    [404, false],
  ])('that answers %i is tried again: %s', async (statusCode, again) => {
    const refused = perform(await emptyWorld(), await answering(statusCode, 'no'))
    await expect(refused).rejects.toThrow(`HTTP ${statusCode}: no`)
    await expect(refused).rejects.toMatchObject(again ? { name: 'Error' } : { retryable: false })
  })

  it('that is not there is tried again', async () => {
    const target = await answering(200, '{}')
    server?.close()
    await expect(perform(await emptyWorld(), target)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('that nobody names fails at once', async () => {
    await expect(perform(await emptyWorld())).rejects.toMatchObject({
      retryable: false,
      message: expect.stringContaining('BERTH_HOOKS'),
    })
  })
})

describe('a hook that is a task', () => {
  const target: HookTarget = { kind: 'task', task: { taskDefinition: 'web:1' } }
  const end = (on: World, exitCode: number): void => {
    const [task] = on.tasks()
    if (!task) throw new Error('There is no task')
    on.report(task, {
      status: 'STOPPED',
      containers: [{ containerName: 'web', status: 'STOPPED', exitCode }],
    } as never)
  }

  it.each([
    [0, { hookStatus: 'SUCCEEDED' }],
    [
      3,
      {
        hookStatus: 'FAILED',
        reason: expect.stringMatching(/task\/.*: container web ended with exit code 3\./),
      },
    ],
  ])('has its status from the exit code %i', async (exitCode, answer) => {
    const on = await emptyWorld()
    const answered = perform(on, target)
    expect(on.tasks()).toMatchObject([{ startedBy: 'lifecycle-hook/1-2-3' }])
    expect(on.tasks()[0]?.overrides.containerOverrides?.[0]?.environment).toEqual([
      { name: 'BERTH_HOOK_EVENT', value: JSON.stringify(call.event) },
    ])
    end(on, exitCode)
    await expect(answered).resolves.toEqual(answer)
  })

  it('of a service’s own needs no entry in the operator’s file', async () => {
    const on = await emptyWorld()
    const preDeployment = {
      task: {
        taskDefinition: 'web:1',
        overrides: { containerOverrides: [{ name: 'web', command: ['migrate'] }] },
      },
      startedBy: 'pre-deployment/web',
    }
    const { signal } = new AbortController()
    const request = { ...call, preDeployment }
    const answered = performerOf(on)({ id: 'effect-1', request, attempt: 0, signal })
    expect(on.tasks()).toMatchObject([
      {
        startedBy: 'pre-deployment/web',
        overrides: { containerOverrides: [{ name: 'web', command: ['migrate'] }] },
      },
    ])
    end(on, 0)
    await expect(answered).resolves.toEqual({ hookStatus: 'SUCCEEDED' })
  })

  it('runs once, however often the call is tried', async () => {
    const on = await emptyWorld()
    const stop = new AbortController()
    const first = perform(on, target, stop.signal)
    stop.abort(new Error('The server stops'))
    await expect(first).rejects.toThrow('The server stops')
    const second = perform(on, target)
    expect(on.tasks()).toHaveLength(1)
    end(on, 0)
    await expect(second).resolves.toEqual({ hookStatus: 'SUCCEEDED' })
    await expect(perform(on, target)).resolves.toEqual({ hookStatus: 'SUCCEEDED' })
  })

  it('is tried again as long as there is no room for it', async () => {
    const none = await emptyWorld({ instances: [] })
    await expect(perform(none, target)).rejects.toMatchObject({ name: 'NoRoomForHook' })
    const small = await emptyWorld({
      instances: [given.instance(1, { registered: { cpu: 1, memoryMiB: 1, ports: [], gpuIds: [] } })],
    })
    await expect(perform(small, target)).rejects.toMatchObject({
      name: 'NoRoomForHook',
      message: 'RESOURCE:CPU',
    })
  })

  it('fails at once where it can never be run', async () => {
    const nothing: HookTarget = { kind: 'task', task: { taskDefinition: 'nothing' } }
    await expect(perform(await emptyWorld(), nothing)).rejects.toMatchObject({ retryable: false })
  })
})
