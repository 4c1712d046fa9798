/** A gateway over a real store, with agents that need no socket: what they hear is a list. */
import { createSecretKey } from 'node:crypto'
import type { AcsFrame, PayloadMessage, TaskManifestMessage } from '@berth/model'
import { ManualClock } from '../control-loop/manual-clock.ts'
import { given, instanceArn, start, storeWith } from '../services/ecs/fixtures/rows.ts'
import type { ContainerInstanceRow, TaskRow } from '../services/ecs/tables/index.ts'
import { createTaskCredentials } from '../task-credentials.ts'
import type { SessionRequest } from './admission.ts'
import type { Connection } from './connection.ts'
import { AgentGateway } from './gateway.ts'
import type { AgentGatewayOptions } from './gateway-options.ts'

export class FakeConnection implements Connection {
  readonly frames: AcsFrame[] = []
  closedWith: { readonly code: number; readonly reason: string } | undefined
  isPaused = false
  #onMessage: (text: string) => void = () => {}
  #onClose: (code: number, reason: string) => void = () => {}

  send(text: string): void {
    if (this.closedWith === undefined) this.frames.push(JSON.parse(text))
  }

  close(code: number, reason: string): void {
    if (this.closedWith !== undefined) return
    this.closedWith = { code, reason }
    this.#onClose(code, reason)
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  onMessage(listener: (text: string) => void): void {
    this.#onMessage = listener
  }

  onClose(listener: (code: number, reason: string) => void): void {
    this.#onClose = listener
  }

  /** The agent says something. */
  says(type: string, message: object = {}): void {
    this.#onMessage(JSON.stringify({ type, message }))
  }

  saysText(text: string): void {
    this.#onMessage(text)
  }

  acknowledges(message: { readonly messageId: string }): void {
    this.says('AckRequest', { cluster: 'default', containerInstance: 'i', messageId: message.messageId })
  }

  heard<M = object>(type: string): M[] {
    return this.frames.filter(frame => frame.type === type).map(frame => frame.message as M)
  }

  get payloads(): PayloadMessage[] {
    return this.heard('PayloadMessage')
  }

  get manifests(): TaskManifestMessage[] {
    return this.heard('TaskManifestMessage')
  }

  /** The tasks of every payload, in the order of delivery, as `DESIRED id`. */
  get told(): string[] {
    return this.payloads.flatMap(({ tasks }) =>
      tasks.map(({ arn, desiredStatus }) => `${desiredStatus} ${Number(arn.slice(-6))}`),
    )
  }

  forget(): void {
    this.frames.length = 0
  }
}

export const sessionRequest = (change: Partial<SessionRequest> = {}): SessionRequest => ({
  containerInstanceArn: instanceArn(1),
  cluster: 'default',
  kind: 'berth',
  agentVersion: '1.0.0',
  agentHash: undefined,
  dockerVersion: 'DockerVersion: 20.10.24',
  ...change,
})

export interface FixtureRows {
  readonly instances?: readonly ContainerInstanceRow[]
  readonly tasks?: readonly TaskRow[]
}

export const openGateway = async (rows: FixtureRows = {}, options: Partial<AgentGatewayOptions> = {}) => {
  const clock = new ManualClock(start)
  const store = await storeWith({
    instances: rows.instances ?? [given.instance(1, { agentConnected: false })],
    taskDefinitions: [given.taskDefinition()],
    tasks: rows.tasks ?? [],
  })
  const warnings: string[] = []
  const warn = (_: object, message: string) => void warnings.push(message)
  const gateway = new AgentGateway({
    store,
    clock,
    epoch: 3,
    incarnation: 'incarnation-1',
    findSigningKey: () => undefined,
    authorize: () => true,
    taskCredentials: createTaskCredentials(createSecretKey(Buffer.alloc(32))),
    overloaded: () => false,
    log: { info: () => undefined, warn, error: warn },
    ...options,
  })
  const connect = (change: Partial<SessionRequest> = {}): FakeConnection => {
    const connection = new FakeConnection()
    gateway.openAcs(connection, sessionRequest(change))
    return connection
  }
  return { clock, store, gateway, connect, warnings }
}

/** Lets everything that waits for the journal in memory go on. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve))
}
