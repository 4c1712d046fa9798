import { createHash, createHmac, createSecretKey, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { ExecRelay } from '../exec/exec-relay.ts'
import { agentIdentity } from '../services/ecs/agent-identity.ts'
import { root } from '../services/ecs/fixtures/root-call.ts'
import { given, instanceArn, storeWith } from '../services/ecs/fixtures/rows.ts'
import { containerInstances, taskDefinitions, tasks } from '../services/ecs/tables/index.ts'
import { createSystemClock } from '../system-clock.ts'
import { createTaskCredentials } from '../task-credentials.ts'
import { AgentGateway } from './gateway.ts'
import type { AgentGatewayOptions } from './gateway-options.ts'
import { createLatestSamples } from './telemetry.ts'
import { createUpgradeHandler } from './upgrade.ts'

const secretAccessKey = 'secret'

const open = async (options: Partial<AgentGatewayOptions> = {}) => {
  const store = await storeWith({
    instances: [given.instance(1, { agentConnected: false })],
    taskDefinitions: [given.taskDefinition()],
    tasks: [
      given.task(1, {
        containers: [{ name: 'web', id: 'c', lastStatus: 'RUNNING', healthStatus: 'UNKNOWN' }],
      }),
    ],
  })
  const telemetry = createLatestSamples()
  const gateway = new AgentGateway({
    store,
    clock: createSystemClock(),
    epoch: 1,
    incarnation: 'i',
    findSigningKey: id => ({
      secretAccessKey,
      identity: id === root.accessKeyId ? root : agentIdentity(root.accountId, id),
    }),
    authorize: () => true,
    taskCredentials: createTaskCredentials(createSecretKey(Buffer.alloc(32))),
    overloaded: () => false,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    telemetry,
    ...options,
  })
  const server = createServer().listen(0, '127.0.0.1')
  const exec = new ExecRelay({
    store,
    clock: createSystemClock(),
    newId: randomUUID,
    tellAgent: () => false,
    ownsInstance: () => false,
    log: { info: () => undefined },
  })
  server.on('upgrade', createUpgradeHandler(gateway, exec))
  await once(server, 'listening')
  return { store, gateway, server, telemetry, port: (server.address() as AddressInfo).port }
}

let opened: Awaited<ReturnType<typeof open>>
beforeEach(async () => {
  opened = await open()
})
const close = async () => {
  opened.gateway.stop()
  await closed(opened.server)
}
afterEach(close)

const reopen = async (options: Partial<AgentGatewayOptions>) => {
  await close()
  opened = await open(options)
}

const closed = async (server: Server): Promise<void> => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** As the official agent signs: host and date only, over a GET of the connection's URL. */
const sign = (
  url: URL,
  body: string,
  secret = secretAccessKey,
  keyId = root.accessKeyId,
): Record<string, string> => {
  const date = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
  const scope = `${date.slice(0, 8)}/eu-central-1/ecs/aws4_request`
  const query = [...url.searchParams]
    .map(pair => pair.map(encodeURIComponent).join('='))
    .toSorted()
    .join('&')
  const canonical = [
    'GET',
    url.pathname,
    query,
    `host:${url.host}`,
    `x-amz-date:${date}`,
    '',
    'host;x-amz-date',
    sha256(body),
  ].join('\n')
  const key = ['eu-central-1', 'ecs', 'aws4_request'].reduce<Buffer>(
    hmac,
    hmac(`AWS4${secret}`, date.slice(0, 8)),
  )
  const signature = hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')).toString('hex')
  return {
    Authorization: `AWS4-HMAC-SHA256 Credential=${keyId}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`,
    Host: url.host,
    'X-Amz-Date': date,
  }
}

const acsUrl = (change: Record<string, string> = {}): URL => {
  const query = {
    agentHash: 'abc',
    agentVersion: '1.105.1',
    clusterArn: 'default',
    containerInstanceArn: instanceArn(1),
    dockerVersion: 'DockerVersion: 20.10.24+dfsg1',
    protocolVersion: '2',
    sendCredentials: 'true',
    seqNum: '1',
    ...change,
  }
  const text = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return new URL(`ws://127.0.0.1:${opened.port}/acs/ws?${text.join('&')}`)
}

const connect = (url: URL, headers = sign(url, '')): WebSocket => new WebSocket(url, { headers })

const nextFrame = (socket: WebSocket, type: string): Promise<{ [member: string]: unknown }> =>
  new Promise(resolve => {
    socket.on('message', data => {
      const frame = JSON.parse(String(data))
      if (frame.type === type) resolve(frame.message)
    })
  })

const refusal = async (url: URL, headers?: Record<string, string>): Promise<[number | undefined, object]> => {
  const socket = connect(url, headers)
  const [, response] = await once(socket, 'unexpected-response')
  let body = ''
  for await (const chunk of response) body += chunk
  return [response.statusCode, JSON.parse(body)]
}

test("The official agent's signed upgrade opens a session, and its tasks come to it", async () => {
  const socket = connect(acsUrl())
  const payload = await nextFrame(socket, 'PayloadMessage')
  expect(payload).toMatchObject({
    clusterArn: given.cluster.id,
    containerInstanceArn: instanceArn(1),
    tasks: [{ arn: given.task(1).id, containers: [{ dockerConfig: { version: '1.25' } }] }],
  })
  expect(opened.store.get(containerInstances, instanceArn(1))).toMatchObject({
    agentConnected: true,
    agentKind: 'ecs',
    versionInfo: {
      agentVersion: '1.105.1',
      agentHash: 'abc',
      dockerVersion: 'DockerVersion: 20.10.24+dfsg1',
    },
  })
  socket.close(1000)
  await once(socket, 'close')
})

test("The logs of an official agent's host are sent where the agent reached the server", async () => {
  const logConfiguration = {
    logDriver: 'awslogs',
    options: { 'awslogs-group': 'g', 'awslogs-region': 'eu-central-1', 'awslogs-stream-prefix': 'p' },
  } as const
  const containerDefinitions = [given.container({ logConfiguration })]
  opened.store.update(tx => tx.put(taskDefinitions, given.taskDefinition({ containerDefinitions })))
  const named = acsUrl()
  named.host = 'berth.example:4566'
  const socket = connect(acsUrl(), sign(named, ''))
  expect(JSON.stringify(await nextFrame(socket, 'PayloadMessage'))).toContain('http://berth.example:4566')
  socket.close()
})

test("An upgrade that is wrongly signed, unsigned or not an agent's is refused in the agent's own words", async () => {
  const url = acsUrl()
  expect(await refusal(url, sign(url, '', 'wrong'))).toEqual([
    400,
    { InvalidSignatureException: expect.stringContaining('does not match') },
  ])
  expect(await refusal(url, {})).toEqual([400, { MissingAuthenticationTokenException: expect.any(String) }])
  expect(await refusal(acsUrl({ containerInstanceArn: instanceArn(2) }))).toEqual([
    400,
    { InvalidInstanceException: expect.stringContaining(instanceArn(2)) },
  ])
  expect(await refusal(new URL(`ws://127.0.0.1:${opened.port}/elsewhere`))).toEqual([
    404,
    { BadRequestException: 'There is no such path.' },
  ])
})

test('An INACTIVE instance is refused with InactiveInstanceException', async () => {
  opened.store.update(tx =>
    tx.put(containerInstances, { ...tx.get(containerInstances, instanceArn(1))!, status: 'INACTIVE' }),
  )
  expect(await refusal(acsUrl())).toEqual([
    400,
    { InactiveInstanceException: 'The container instance was deregistered.' },
  ])
})

test('A refusal waits until what it tells is durable', async () => {
  const disk = Promise.withResolvers<void>()
  let isDurable = false
  await reopen({
    durable: async () => {
      await disk.promise
      isDurable = true
    },
  })
  opened.store.update(tx =>
    tx.put(containerInstances, { ...tx.get(containerInstances, instanceArn(1))!, status: 'INACTIVE' }),
  )
  const asked = once(opened.server, 'upgrade')
  const refused = refusal(acsUrl()).then(answer => ({ answer, isDurable }))
  await asked
  disk.resolve()
  expect(await refused).toMatchObject({ answer: [400, {}], isDurable: true })
})

test('Nobody is told anything once the journal has failed', async () => {
  await reopen({ durable: () => Promise.reject(new Error('disk full')) })
  const socket = connect(acsUrl({ containerInstanceArn: instanceArn(2) }))
  const [error] = await once(socket, 'error')
  expect(error).toMatchObject({ message: 'socket hang up' })
})

test('A frame that the server cannot cope with ends its session alone', async () => {
  const faults: object[] = []
  const fault = new Error('broken')
  await reopen({
    overloaded: () => {
      throw fault
    },
    log: { info: () => undefined, warn: () => undefined, error: fields => void faults.push(fields) },
  })
  const socket = connect(acsUrl())
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'BerthStateChanges', message: { messageId: 'm', changes: [] } }))
  const [code] = await once(socket, 'close')
  expect(code).toBe(1011)
  expect(faults).toEqual([{ err: fault }])
})

test('Signatures are judged by the time of the machine, however far the clock is ahead', async () => {
  const clock = createSystemClock()
  clock.notBefore(Date.now() + 86_400_000)
  await reopen({ clock, signatureTime: () => Date.now() })
  const socket = connect(acsUrl())
  await nextFrame(socket, 'PayloadMessage')
  socket.close(1000)
  await once(socket, 'close')
})

const tcsUrl = (): URL =>
  new URL(
    `ws://127.0.0.1:${opened.port}/tcs/ws?agentHash=abc&agentVersion=1.105.1&cluster=default&containerInstance=${encodeURIComponent(instanceArn(1))}&dockerVersion=20.10.24`,
  )

const telemetryFrame = (url: URL, type: string, message: object, secret?: string, keyId?: string): string => {
  const body = JSON.stringify({ type, message })
  const lines = Object.entries(sign(url, body, secret, keyId)).map(([name, value]) => `${name}: ${value}`)
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

const metadata = {
  cluster: 'default',
  containerInstance: instanceArn(1),
  fin: true,
  messageId: 'm1',
  requestId: 'r1',
}

test('Signed telemetry is acknowledged: metrics are kept, health and runtime status reach the rows', async () => {
  const url = tcsUrl()
  const socket = connect(url)
  await once(socket, 'open')
  const containerMetrics = [{ containerName: 'web', cpuStatsSet: { min: 1, max: 2, sum: 3, sampleCount: 2 } }]
  const taskMetrics = [{ taskArn: given.task(1).id, containerMetrics }]
  socket.send(telemetryFrame(url, 'PublishMetricsRequest', { metadata, taskMetrics, timestamp: 1 }))
  expect(await nextFrame(socket, 'AckPublishMetric')).toEqual({ message: 'm1' })
  expect(opened.telemetry.latest(given.task(1).id)).toMatchObject({ containerMetrics })
  const containers = [{ containerName: 'web', healthStatus: 'HEALTHY', statusSince: 1 }]
  socket.send(
    telemetryFrame(url, 'PublishHealthRequest', {
      metadata,
      tasks: [{ taskArn: given.task(1).id, containers }],
    }),
  )
  await nextFrame(socket, 'AckPublishHealth')
  expect(opened.store.get(tasks, given.task(1).id)).toMatchObject({ healthStatus: 'HEALTHY' })
  const statuses = [{ type: 'ContainerRuntime', status: 'OK', lastUpdated: 1, lastStatusChange: 1 }]
  socket.send(telemetryFrame(url, 'PublishInstanceStatusRequest', { metadata, statuses }))
  expect(await nextFrame(socket, 'AckPublishInstanceStatus')).toEqual({ message: 'r1' })
  expect(opened.store.get(containerInstances, instanceArn(1))?.health).toMatchObject({ status: 'OK' })
  socket.close()
  await once(socket, 'close')
})

test.each([
  ['does not match', 'wrong', undefined],
  ["is another identity's", undefined, 'AKIAOTHER'],
])('A telemetry frame whose signature %s ends the session', async (_, secret, keyId) => {
  const url = tcsUrl()
  const socket = connect(url)
  await once(socket, 'open')
  socket.send(telemetryFrame(url, 'PublishMetricsRequest', { metadata, taskMetrics: [] }, secret, keyId))
  const [code] = await once(socket, 'close')
  expect(code).toBe(1008)
})
