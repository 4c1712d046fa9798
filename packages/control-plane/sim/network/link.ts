/** One line between an agent and a server: frames in order, each way, until it breaks. */
import type { AcsFrame } from '@berth/model'
import type { Connection } from '../../src/agents/connection.ts'
import type { Fate } from '../servers/fate.ts'
import type { SimServer } from '../servers/sim-server.ts'
import type { World } from '../world.ts'
import type { Network } from './network.ts'

type Item = { readonly text: string } | { readonly code: number; readonly reason: string }

interface Queued {
  readonly at: number
  readonly item: Item
}

/** One direction. What was sent arrives in order, late, or never once the line is broken. */
class Pipe {
  readonly #world: World
  /** How long nothing arrives from now on: the receiver is paused, or the line is cut. */
  readonly #wait: () => number
  readonly #arrived: (item: Item) => void
  readonly #delay: () => number
  #queue: Queued[] = []
  #lastAt = 0
  #isPumping = false

  constructor(world: World, delay: () => number, wait: () => number, arrived: (item: Item) => void) {
    this.#world = world
    this.#delay = delay
    this.#wait = wait
    this.#arrived = arrived
  }

  send(item: Item): void {
    const at = Math.max(this.#lastAt, this.#world.now + this.#delay())
    this.#lastAt = at
    this.#queue.push({ at, item })
    if (!this.#isPumping) this.#pump()
  }

  /** What is on its way is lost. */
  drop(): void {
    this.#queue = []
  }

  #pump(): void {
    const first = this.#queue[0]
    this.#isPumping = first !== undefined
    if (first === undefined) return
    this.#world.after(Math.max(0, first.at - this.#world.now), () => this.#deliver())
  }

  #deliver(): void {
    const wait = this.#wait()
    if (wait > 0) {
      this.#world.after(wait, () => this.#deliver())
      return
    }
    const next = this.#queue.shift()
    if (next !== undefined) this.#arrived(next.item)
    this.#pump()
  }
}

export interface LinkEvents {
  /** The server says this to the agent. */
  readonly onSent: (frame: AcsFrame) => void
  /** The server hears this of the agent. */
  readonly onHeard: (frame: AcsFrame) => void
}

export interface AgentEnd {
  send(type: string, message: object): void
  close(): void
  onFrame: (frame: AcsFrame) => void
  onClose: (code: number) => void
}

export class ServerEnd implements Connection {
  listener: (text: string) => void = () => {}
  closeListener: (code: number, reason: string) => void = () => {}
  isPaused = false
  readonly #link: Link

  constructor(link: Link) {
    this.#link = link
  }

  send(text: string): void {
    this.#link.sendToAgent(text)
  }

  close(code: number, reason: string): void {
    this.#link.closeByServer(code, reason)
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  onMessage(listener: (text: string) => void): void {
    this.listener = listener
  }

  onClose(listener: (code: number, reason: string) => void): void {
    this.closeListener = listener
  }
}

const LOOK_AGAIN_MS = 200
const ABNORMAL = 1006

export class Link {
  readonly server: ServerEnd
  readonly agent: AgentEnd
  readonly containerInstanceArn: string
  readonly host: string
  readonly sender: { readonly name: string; readonly epoch: number }
  /** Which life of an agent it is of. */
  readonly agentProcess: string
  /** When the server heard of the agent last; when it was opened as long as it has not. */
  heardAt: number
  readonly #world: World
  readonly #server: SimServer
  readonly #process: SimServer['process']
  readonly #events: LinkEvents
  readonly #fate: Fate
  readonly #toAgent: Pipe
  readonly #toServer: Pipe
  #serverOpen = true
  #agentOpen = true

  constructor(
    world: World,
    network: Network,
    between: {
      readonly host: string
      readonly server: SimServer
      readonly containerInstanceArn: string
      readonly agentProcess: string
    },
    events: LinkEvents,
    fate: Fate,
  ) {
    this.#fate = fate
    const { host, server } = between
    this.agentProcess = between.agentProcess
    this.heardAt = world.now
    this.#world = world
    this.#server = server
    this.#process = server.process
    this.#events = events
    this.host = host
    this.sender = { name: server.process.name, epoch: server.leading?.epoch ?? 0 }
    this.containerInstanceArn = between.containerInstanceArn
    this.server = new ServerEnd(this)
    const cutFor = (): number => (network.isCut(host, server.name) ? LOOK_AGAIN_MS : 0)
    const paused = (): number => (this.server.isPaused ? LOOK_AGAIN_MS : 0)
    const delay = (): number => network.delay()
    this.#toAgent = new Pipe(world, delay, cutFor, item => this.#arriveAtAgent(item))
    this.#toServer = new Pipe(
      world,
      delay,
      () => Math.max(cutFor(), paused(), this.#process.pausedFor),
      item => this.#arriveAtServer(item),
    )
    this.agent = {
      send: (type, message) => {
        if (this.#agentOpen) this.#toServer.send({ text: JSON.stringify({ type, message }) })
      },
      close: () => this.#closeByAgent(),
      onFrame: () => {},
      onClose: () => {},
    }
  }

  sendToAgent(text: string): void {
    if (!this.#serverOpen || !this.#process.alive) return
    const frame = JSON.parse(text) as AcsFrame
    const { seams, planted } = this.#server.plantedSeams ?? {}
    const sent =
      seams?.outgoing && planted ? seams.outgoing(frame, this.containerInstanceArn, planted) : frame
    if (sent === undefined) return
    this.#fate.pass('sending to an agent', this.#process)
    if (!this.#process.alive) return
    this.#events.onSent(sent)
    this.#toAgent.send({ text: sent === frame ? text : JSON.stringify(sent) })
  }

  closeByServer(code: number, reason: string): void {
    if (!this.#serverOpen || !this.#process.alive) return
    this.#serverOpen = false
    this.#toAgent.send({ code, reason })
    this.#process.after(1, () => this.server.closeListener(code, reason))
  }

  /** The line is gone with all that was on it; each side finds out in its own time, the server perhaps late. */
  break(): void {
    this.#toAgent.drop()
    this.#toServer.drop()
    this.#toAgent.send({ code: ABNORMAL, reason: '' })
    if (this.#world.random.chance(0.5)) this.#toServer.send({ code: ABNORMAL, reason: '' })
    else this.#world.after(this.#world.random.integer(1_000, 8_000), () => this.#serverFindsOut())
  }

  #serverFindsOut(): void {
    this.#toServer.send({ code: ABNORMAL, reason: '' })
  }

  #closeByAgent(): void {
    if (!this.#agentOpen) return
    this.#agentOpen = false
    this.#toServer.send({ code: ABNORMAL, reason: '' })
  }

  /** The server's process has died: the agent's machine hears of it when it can. */
  serverDied(): void {
    if (!this.#serverOpen) return
    this.#serverOpen = false
    this.#toServer.drop()
    this.#toAgent.drop()
    this.#toAgent.send({ code: ABNORMAL, reason: '' })
  }

  get isOpenAtAgent(): boolean {
    return this.#agentOpen
  }

  get isOpenAtServer(): boolean {
    return this.#serverOpen
  }

  get process(): SimServer['process'] {
    return this.#process
  }

  #arriveAtAgent(item: Item): void {
    if (!this.#agentOpen) return
    if ('text' in item) {
      this.agent.onFrame(JSON.parse(item.text) as AcsFrame)
      return
    }
    this.#agentOpen = false
    this.agent.onClose(item.code)
  }

  #arriveAtServer(item: Item): void {
    if (!this.#serverOpen || !this.#process.alive) return
    if (!('text' in item)) {
      this.#serverOpen = false
      this.server.closeListener(item.code, item.reason)
      return
    }
    this.#fate.pass('before a message of an agent', this.#process)
    if (!this.#process.alive) return
    const frame = JSON.parse(item.text) as AcsFrame
    const { seams, planted } = this.#server.plantedSeams ?? {}
    const heard =
      seams?.incoming && planted ? seams.incoming(frame, this.containerInstanceArn, planted) : frame
    this.heardAt = this.#world.now
    this.#events.onHeard(frame)
    if (heard !== undefined) this.server.listener(heard === frame ? item.text : JSON.stringify(heard))
    this.#fate.pass('after a message of an agent', this.#process)
  }
}
