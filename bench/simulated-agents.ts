/**
 * Hosts without containers, in a process of their own: they register, open the ACS WebSocket with a signed upgrade,
 * acknowledge payloads, and report each task RUNNING at once. Forked by scale.ts, which it tells how far it is.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { PayloadMessage, PayloadTask, TaskStateChange } from '@berth/model'
import { WebSocket } from 'ws'
import { StateChangeOutbox } from '../packages/agent/src/acs/state-change-outbox.ts'
import { systemClock } from '../packages/agent/src/clock.ts'
import { HttpConnection } from './http-load.ts'
import { inParallel } from './measure.ts'
import { RequestSigner, type Signing } from './signed-requests.ts'

/** official: one signed SubmitTaskStateChange for each change. berth: BerthStateChanges frames over the session. */
export type Wire = 'official' | 'berth'

export interface FleetOrder {
  readonly port: number
  readonly signing: Signing
  readonly cluster: string
  readonly agents: number
  readonly wire: Wire
  /** The fleet says so whenever so many more tasks are RUNNING. */
  readonly tasksPerRound: number
}

/** Told once every agent is connected, and then whenever another round is RUNNING. */
export interface FleetNews {
  /** Milliseconds since the epoch. */
  readonly at: number
}

const hex = (bytes: number): string => randomBytes(bytes).toString('hex')

/** All tasks run the same image. */
const imageDigest = `sha256:${hex(32)}`
const fleetId = hex(28)
let containersMade = 0
const containerId = (): string => `${fleetId}${(++containersMade).toString(16).padStart(8, '0')}`

const change = (task: PayloadTask): TaskStateChange => ({
  taskArn: task.arn,
  status: 'RUNNING',
  pullStartedAt: Date.now(),
  pullStoppedAt: Date.now(),
  containers: task.containers.map(({ name }) => ({
    containerName: name,
    status: 'RUNNING',
    runtimeId: containerId(),
    imageDigest,
    networkBindings: [],
  })),
})

/** The API has times in seconds. */
const submission = (
  cluster: string,
  { taskArn, pullStartedAt, pullStoppedAt, ...rest }: TaskStateChange,
) => ({
  cluster,
  task: taskArn,
  ...rest,
  pullStartedAt: (pullStartedAt ?? 0) / 1000,
  pullStoppedAt: (pullStoppedAt ?? 0) / 1000,
})

/**
 * Text as one frame with a mask of zeros (RFC 6455, section 5.2), in one piece: the library writes head and text apart,
 * and the fleet shares the machine with the server.
 */
const maskedTextFrame = (text: string): Buffer => {
  const length = Buffer.byteLength(text)
  const headLength = length < 126 ? 6 : length < 65_536 ? 8 : 14
  const frame = Buffer.alloc(headLength + length)
  frame[0] = 0x81
  frame[1] = 0x80 | (headLength === 6 ? length : headLength === 8 ? 126 : 127)
  if (headLength === 8) frame.writeUInt16BE(length, 2)
  if (headLength === 14) frame.writeBigUInt64BE(BigInt(length), 2)
  frame.write(text, headLength)
  return frame
}

type Report = (task: PayloadTask) => void

class SimulatedAgent {
  readonly #order: FleetOrder
  readonly #signer: RequestSigner
  readonly #http: HttpConnection
  /** Called once the control plane has acknowledged that one more task is RUNNING. */
  readonly #onRunning: () => void
  readonly #seen = new Set<string>()
  #stream: Socket | undefined
  #report: Report = () => undefined
  #acknowledged: (messageId: string) => void = () => undefined
  #arn = ''

  constructor(order: FleetOrder, signer: RequestSigner, http: HttpConnection, onRunning: () => void) {
    this.#order = order
    this.#signer = signer
    this.#http = http
    this.#onRunning = onRunning
  }

  async connect(number: number): Promise<void> {
    this.#arn = await this.#register(number)
    const { cluster, port, wire } = this.#order
    const parameters = [
      ['agentVersion', '1.105.1'],
      ...(wire === 'berth' ? [['berthProtocol', '1']] : []),
      ['clusterArn', cluster],
      ['containerInstanceArn', this.#arn],
      ['protocolVersion', '2'],
      ['sendCredentials', 'true'],
      ['seqNum', '1'],
    ]
    const query = parameters.map(pair => pair.map(text => encodeURIComponent(text ?? '')).join('=')).join('&')
    const socket = new WebSocket(`ws://127.0.0.1:${port}/acs/ws?${query}`, {
      headers: this.#signer.upgrade('/acs/ws', query),
      perMessageDeflate: false,
    })
    socket.on('upgrade', (response: IncomingMessage) => {
      this.#stream = response.socket
    })
    if (wire === 'berth') this.#reportInBatches()
    else this.#reportOneByOne()
    socket.on('message', data => this.#receive(String(data)))
    await once(socket, 'open')
  }

  async #register(number: number): Promise<string> {
    const { cluster, wire } = this.#order
    const attributes = [
      { name: 'ecs.availability-zone', value: `us-east-1${'abc'[number % 3]}` },
      { name: 'ecs.cpu-architecture', value: 'x86_64' },
      { name: 'ecs.os-type', value: 'linux' },
      { name: 'com.amazonaws.ecs.capability.docker-remote-api.1.21' },
      ...(wire === 'berth' ? [{ name: 'berth.agent', value: '1' }] : []),
    ]
    const totalResources = [
      { name: 'CPU', type: 'INTEGER', integerValue: 64 * 1024 },
      { name: 'MEMORY', type: 'INTEGER', integerValue: 256 * 1024 },
      { name: 'PORTS', type: 'STRINGSET', stringSetValue: ['22', '2375'] },
      { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: [] },
    ]
    const call = this.#signer.call('RegisterContainerInstance', { cluster, attributes, totalResources })
    const answer = JSON.parse((await this.#http.call(call)).toString()) as {
      containerInstance: { containerInstanceArn: string }
    }
    return answer.containerInstance.containerInstanceArn
  }

  #receive(text: string): void {
    const { type, message } = JSON.parse(text) as { type: string; message: PayloadMessage }
    if (type === 'BerthStateChangesAck') this.#acknowledged(message.messageId)
    if (type === 'HeartbeatMessage')
      this.#send('HeartbeatAckRequest', { cluster: this.#order.cluster, messageId: message.messageId })
    if (type !== 'PayloadMessage') return
    const { cluster } = this.#order
    this.#send('AckRequest', { cluster, containerInstance: this.#arn, messageId: message.messageId })
    for (const task of message.tasks) {
      if (task.desiredStatus !== 'RUNNING' || this.#seen.has(task.arn)) continue
      this.#seen.add(task.arn)
      this.#report(task)
    }
  }

  #send(type: string, message: object): void {
    this.#stream?.write(maskedTextFrame(JSON.stringify({ type, message })))
  }

  /** As Berth's agent does it, by its own outbox. */
  #reportInBatches(): void {
    const outbox = new StateChangeOutbox({
      clock: systemClock,
      newId: containerId,
      send: message => {
        this.#send('BerthStateChanges', message)
        return true
      },
      stuck: () => fail(new Error('A batch of state changes was not acknowledged')),
    })
    outbox.attach()
    this.#acknowledged = messageId => outbox.acknowledge(messageId)
    this.#report = task => outbox.enqueue(change(task), this.#onRunning)
  }

  #reportOneByOne(): void {
    this.#report = task => {
      const input = submission(this.#order.cluster, change(task))
      this.#http.call(this.#signer.call('SubmitTaskStateChange', input)).then(this.#onRunning, fail)
    }
  }
}

const fail = (error: unknown): void => {
  console.error(error)
  process.exit(1)
}

const tell = (): void => {
  const news: FleetNews = { at: Date.now() }
  process.send?.(news)
}

const run = async (order: FleetOrder): Promise<void> => {
  const signer = new RequestSigner(order.signing)
  let running = 0
  const onRunning = (): void => {
    if (++running % order.tasksPerRound === 0) tell()
  }
  const numbers = Array.from({ length: order.agents }, (_, number) => number)
  await inParallel(numbers, 16, async number => {
    const http = await HttpConnection.open(order.port)
    await new SimulatedAgent(order, signer, http, onRunning).connect(number)
  })
  tell()
}

process.once('message', order => {
  run(order as FleetOrder).catch(fail)
})
