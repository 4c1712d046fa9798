/** A control plane of a few lines, for one agent. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BerthStateChanges, NetworkFact, PayloadTask, TaskStateChange, TaskStatus } from '@berth/model'
import { expect } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'

export const instanceArn = 'arn:aws:ecs:us-east-1:000000000000:container-instance/default/0123456789abcdef'
export const clusterArn = 'arn:aws:ecs:us-east-1:000000000000:cluster/default'

/** Registers any host, hands out payloads and acknowledges what it is told. */
export class ControlPlane {
  readonly changes: TaskStateChange[] = []
  readonly registrations: {
    containerInstanceArn?: string
    totalResources: { name: string }[]
    attributes: { name: string; value?: string }[]
  }[] = []
  acknowledges = true
  /** How many have begun. */
  sessions = 0
  readonly #http: Server
  readonly #sockets = new WebSocketServer({ noServer: true })
  #session: WebSocket | undefined
  readonly #facts = new Map<string, NetworkFact>()
  #seqNum = 0
  #listeners: (() => void)[] = []

  constructor() {
    this.#http = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', chunk => chunks.push(chunk))
      request.on('end', () => {
        const input = JSON.parse(Buffer.concat(chunks).toString())
        response.setHeader('content-type', 'application/x-amz-json-1.1')
        response.end(JSON.stringify(this.#answer(String(request.headers['x-amz-target']), input)))
      })
    })
    this.#http.on('upgrade', (request, socket, head) => {
      expect(request.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=test\//)
      expect(request.url).toContain('berthProtocol=1')
      this.#sockets.handleUpgrade(request, socket, head, session => this.#open(session))
    })
  }

  async listen(): Promise<void> {
    this.#http.listen(0, '127.0.0.1')
    await once(this.#http, 'listening')
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  /** The agent's session has ended: what is sent from here on goes to the next one. */
  left(): Promise<void> {
    return this.until(() => this.#session === undefined)
  }

  async give(...tasks: PayloadTask[]): Promise<void> {
    await this.until(() => this.#session !== undefined)
    this.#send('PayloadMessage', {
      messageId: randomUUID(),
      clusterArn,
      containerInstanceArn: instanceArn,
      generatedAt: 0,
      seqNum: ++this.#seqNum,
      tasks,
    })
  }

  /** Facts about networks that change, besides all that were told before; each later session begins with all of them. */
  async tell(facts: readonly NetworkFact[], gone: readonly string[] = []): Promise<void> {
    await this.until(() => this.#session !== undefined)
    for (const fact of facts) this.#facts.set(fact.key, fact)
    for (const key of gone) this.#facts.delete(key)
    this.#send('BerthFacts', { topic: 'network', isWhole: false, facts, gone })
  }

  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>(resolve => this.#listeners.push(resolve))
  }

  of(arn: string): TaskStateChange[] {
    return this.changes.filter(change => change.taskArn === arn)
  }

  async reached(arn: string, status: TaskStatus): Promise<TaskStateChange> {
    const find = () => this.of(arn).find(change => change.status === status)
    await this.until(() => find() !== undefined)
    return find() as TaskStateChange
  }

  close(): void {
    this.#session?.terminate()
    this.#http.close()
    this.#http.closeAllConnections()
  }

  #answer(target: string, input: ControlPlane['registrations'][number]): object {
    if (target.endsWith('.DiscoverPollEndpoint')) return { endpoint: `${this.endpoint}/acs` }
    this.registrations.push(input)
    return { containerInstance: { containerInstanceArn: instanceArn } }
  }

  #open(session: WebSocket): void {
    this.#session = session
    this.sessions += 1
    this.#send('BerthSessionMessage', {
      incarnation: 'test-incarnation',
      heartbeatIntervalMs: 2_000,
      serverHeartbeatIntervalMs: 10_000,
    })
    this.#send('BerthFacts', {
      topic: 'network',
      isWhole: true,
      facts: [...this.#facts.values()],
      gone: [],
    })
    session.on('message', data => {
      const { type, message } = JSON.parse(String(data))
      if (type === 'BerthStateChanges') this.#take(message)
      this.#wake()
    })
    session.on('close', () => {
      if (this.#session === session) this.#session = undefined
      this.#wake()
    })
    this.#wake()
  }

  #take({ messageId, changes }: BerthStateChanges): void {
    this.changes.push(...changes)
    if (this.acknowledges) this.#send('BerthStateChangesAck', { messageId })
  }

  #wake(): void {
    const listeners = this.#listeners
    this.#listeners = []
    for (const listener of listeners) listener()
  }

  #send(type: string, message: object): void {
    this.#session?.send(JSON.stringify({ type, message }))
  }
}
