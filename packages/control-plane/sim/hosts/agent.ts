/** A simulated agent: one life of it, from registration to its crash. */
import {
  type AcsFrame,
  acsCloseCodes,
  type BerthFacts,
  type BerthSessionMessage,
  type BerthStateChanges,
  type BerthStateChangesAck,
  type BerthStorageOrders,
  type PayloadMessage,
  type TaskManifestMessage,
  type TaskStopVerificationAck,
} from '@berth/model'
import type { Link } from '../network/link.ts'
import type { Cancel, World } from '../world.ts'
import { AgentIngress } from './agent-ingress.ts'
import { AgentTasks } from './agent-tasks.ts'
import type { SimHost } from './host.ts'

const HEARTBEAT_MS = 2_000
/** So long without a word from the server, and the line counts as dead. */
const SILENCE_MS = 15_000
const ACK_TIMEOUT_MS = 15_000
const MOST_CHANGES = 20
/** Between two looks at the targets of load balancers. */
const TARGETS_MS = 900

export class SimAgent {
  readonly #world: World
  readonly #host: SimHost
  readonly #process: string
  readonly #tasks: AgentTasks
  readonly #ingress: AgentIngress
  #alive = true
  #link: Link | undefined
  #isAttached = false
  #heardAt = 0
  #manifestId = ''
  #messages = 0
  #flushPlanned = false
  /** Sent in this session, by message id: the greatest report number in it. */
  readonly #sent = new Map<string, { readonly last: number; readonly at: number }>()
  /** Everything that was sent in this session, in order. */
  #said: BerthStateChanges[] = []

  constructor(world: World, host: SimHost, process: string) {
    this.#world = world
    this.#host = host
    this.#process = process
    this.#tasks = new AgentTasks({
      disk: host.disk,
      engine: host.engine,
      after: (delayMs, run) => this.#after(delayMs, run),
      now: () => world.now,
      clock: () => world.now + host.spec.clockMs,
      pullMs: () => host.pullMs(),
      pull: image => host.pull(image),
      reported: () => this.#planFlush(),
    })
    this.#ingress = new AgentIngress({
      world,
      disk: host.disk,
      answers: (address, port) => host.answers(address, port),
      send: message => this.#send('BerthTargetHealth', message),
    })
  }

  start(): void {
    this.#world.trace(this.#host.name, 'the agent starts')
    this.#tasks.start()
    void this.#connect()
    this.#watchSilence()
  }

  /** The containers run on. */
  crash(): void {
    this.#alive = false
    this.#host.engine.listener = undefined
    this.#link?.agent.close()
  }

  get link(): Link | undefined {
    return this.#link
  }

  /** Connected, and with nothing left to report. */
  get isSettled(): boolean {
    return this.#link?.isOpenAtAgent === true && this.#host.disk.reports.length === 0
  }

  #after(delayMs: number, run: () => void): Cancel {
    return this.#world.after(delayMs, () => {
      if (this.#alive) run()
    })
  }

  async #connect(): Promise<void> {
    while (this.#alive) {
      const arn = await this.#host.register()
      if (!this.#alive) return
      const link = arn === undefined ? undefined : await this.#host.openLink(arn, this.#process)
      if (link !== undefined && this.#alive) {
        this.#useLink(link)
        return
      }
      link?.agent.close()
      await this.#world.sleep(this.#world.random.integer(200, 1_500))
    }
  }

  #useLink(link: Link): void {
    this.#link = link
    this.#heardAt = this.#world.now
    link.agent.onFrame = frame => {
      if (!this.#alive || this.#link !== link) return
      this.#heardAt = this.#world.now
      this.#receive(frame)
    }
    link.agent.onClose = code => {
      if (this.#alive && this.#link === link) this.#closed(code)
    }
  }

  #closed(code: number): void {
    this.#link?.agent.close()
    this.#link = undefined
    this.#isAttached = false
    this.#sent.clear()
    this.#said = []
    if (code === acsCloseCodes.inactive) this.#host.disk.containerInstanceArn = undefined
    const waitsLong = code === acsCloseCodes.inactive || code === acsCloseCodes.replaced
    this.#after(this.#world.random.integer(50, waitsLong ? 20_000 : 1_000), () => void this.#connect())
  }

  #watchSilence(): void {
    this.#after(1_000, () => {
      const isStuck = [...this.#sent.values()].some(({ at }) => this.#world.now - at > ACK_TIMEOUT_MS)
      if (this.#link !== undefined && (isStuck || this.#world.now - this.#heardAt > SILENCE_MS))
        this.#closed(0)
      this.#watchSilence()
    })
  }

  #receive({ type, message }: AcsFrame): void {
    switch (type) {
      case 'BerthSessionMessage':
        this.#enter(message as BerthSessionMessage)
        return
      case 'HeartbeatMessage':
        this.#send('HeartbeatAckRequest', { messageId: (message as { messageId: string }).messageId })
        return
      case 'PayloadMessage':
        this.#takePayload(message as PayloadMessage)
        return
      case 'TaskManifestMessage':
        this.#takeManifest(message as TaskManifestMessage)
        return
      case 'TaskStopVerificationAck':
        this.#takeVerdict(message as TaskStopVerificationAck)
        return
      case 'BerthStorageOrders':
        this.#carryOut(message as BerthStorageOrders)
        return
      case 'BerthFacts':
        this.#learn(message as BerthFacts)
        return
      case 'BerthStateChangesAck':
        this.#acknowledged((message as BerthStateChangesAck).messageId)
    }
  }

  #enter({ incarnation }: BerthSessionMessage): void {
    const { disk } = this.#host
    if (disk.incarnation !== incarnation) {
      disk.incarnation = incarnation
      disk.sequence = 0
    }
    this.#isAttached = true
    const foreign = [...disk.tasks.values()].filter(task => task.incarnation !== incarnation)
    if (foreign.length > 0)
      this.#send('BerthForeignTasks', { incarnation, taskArns: foreign.map(({ arn }) => arn) })
    this.#beat(this.#link)
    this.#ingress.begin()
    this.#watchTargets(this.#link)
    this.#planFlush()
  }

  #learn(facts: BerthFacts): void {
    if (facts.topic === 'ingress') this.#ingress.take(facts as BerthFacts<'ingress'>)
  }

  /** What it carries it asks again and again. */
  #watchTargets(link: Link | undefined): void {
    if (this.#link !== link || link === undefined) return
    if (this.#host.disk.ingress.size > 0) this.#ingress.look()
    this.#after(TARGETS_MS, () => this.#watchTargets(link))
  }

  #beat(link: Link | undefined): void {
    if (this.#link !== link || link === undefined) return
    this.#send('BerthHeartbeat', {})
    this.#after(HEARTBEAT_MS, () => this.#beat(link))
  }

  #takePayload(payload: PayloadMessage): void {
    const { disk } = this.#host
    disk.sequence = Math.max(disk.sequence, payload.seqNum)
    this.#tasks.receive(payload.tasks)
    this.#acknowledge(payload.messageId)
  }

  #takeManifest(manifest: TaskManifestMessage): void {
    const { disk } = this.#host
    if (manifest.timeline <= disk.sequence) return
    disk.sequence = manifest.timeline
    this.#acknowledge(manifest.messageId)
    const candidates = this.#tasks.applyManifest(manifest)
    this.#manifestId = manifest.messageId
    if (candidates.length === 0) return
    this.#send('TaskStopVerificationMessage', {
      messageId: manifest.messageId,
      stopCandidates: candidates.map(({ arn, clusterArn }) => ({
        taskArn: arn,
        taskClusterArn: clusterArn,
        desiredStatus: 'STOPPED',
      })),
    })
  }

  #takeVerdict({ messageId, stopTasks }: TaskStopVerificationAck): void {
    if (messageId !== this.#manifestId) return
    this.#manifestId = ''
    for (const { taskArn } of stopTasks) this.#tasks.requestStop(taskArn)
  }

  #carryOut({ orders }: BerthStorageOrders): void {
    for (const { action, id } of orders) {
      if (action !== 'DeleteVolume') continue
      this.#host.engine.deleteVolume(id)
      this.#send('BerthStorageResult', { action, id })
    }
  }

  #acknowledge(messageId: string): void {
    this.#send('AckRequest', {
      cluster: this.#host.spec.cluster,
      containerInstance: this.#host.disk.containerInstanceArn ?? '',
      messageId,
    })
  }

  #planFlush(): void {
    if (this.#flushPlanned) return
    this.#flushPlanned = true
    this.#after(this.#world.random.integer(1, 10), () => {
      this.#flushPlanned = false
      this.#flush()
    })
  }

  #flush(): void {
    if (!this.#isAttached) return
    const sentUpTo = Math.max(0, ...[...this.#sent.values()].map(({ last }) => last))
    const due = this.#host.disk.reports.filter(({ number }) => number > sentUpTo).slice(0, MOST_CHANGES)
    const last = due.at(-1)
    if (last === undefined) return
    const messageId = `${this.#host.name}-${this.#host.nextMessage()}-${++this.#messages}`
    const message = { messageId, changes: due.map(({ change }) => change) }
    this.#sent.set(messageId, { last: last.number, at: this.#world.now })
    this.#said.push(message)
    this.#send('BerthStateChanges', message)
    this.#planFlush()
  }

  #acknowledged(messageId: string): void {
    const sent = this.#sent.get(messageId)
    if (sent === undefined) return
    this.#sent.delete(messageId)
    const { reports } = this.#host.disk
    const [first] = reports
    // Reports are acknowledged in order, since they are sent in order.
    if (first !== undefined) reports.splice(0, Math.max(0, sent.last - first.number + 1))
    if (!this.#host.replays()) return
    this.#after(this.#world.random.integer(10, 10_000), () => this.#repeatFrom(messageId))
  }

  /** Nobody says an older thing again without what followed it: what a health check said last is what holds. */
  #repeatFrom(messageId: string): void {
    const from = this.#said.findIndex(message => message.messageId === messageId)
    if (from < 0) return
    const changes = this.#said.slice(from).flatMap(message => message.changes)
    this.#send('BerthStateChanges', { messageId, changes })
  }

  #send(type: string, message: object): void {
    this.#link?.agent.send(type, message)
  }
}
