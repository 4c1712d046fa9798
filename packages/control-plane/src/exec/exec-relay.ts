/**
 * Brings the two ends of an ECS Exec session together: a client's data channel, opened with the token of ExecuteCommand,
 * and the agent's, opened because a message asked for it. What travels between them is theirs alone.
 */
import { encodeChannelClosed, type Identity } from '@berth/aws-api'
import type { BerthExecMessage } from '@berth/model'
import type { Clock } from '../control-loop/clock.ts'
import {
  connectExecSession,
  type ExecSessionEnd,
  endExecSession,
  endLostExecSessions,
} from '../services/ecs/exec-sessions.ts'
import { containerInstances, type ExecSessionRow, execSessions } from '../services/ecs/tables/index.ts'
import type { Stop, Store } from '../store/view.ts'
import type { Channel } from './channel.ts'
import { readOpenDataChannel } from './open-data-channel.ts'

export interface ExecRelayOptions {
  readonly store: Store
  readonly clock: Clock
  readonly newId: () => string
  /** False when the instance's agent is not connected. */
  readonly tellAgent: (containerInstanceArn: string, type: string, message: object) => boolean
  readonly ownsInstance: (identity: Identity, containerInstanceArn: string) => boolean
  readonly log: { info(fields: object, message: string): void }
}

/** How long a client may take to say who it is, and an agent to open its end. */
const patienceMs = 10_000
/** A reader that is slower than its writer holds it up from here on. */
const mostWaitingBytes = 1024 * 1024

const closeCode = { normal: 1000, refused: 1008, goingAway: 1001 } as const

interface OpenSession {
  readonly row: ExecSessionRow
  readonly client: Channel
  /** What the client said before the agent was there. */
  readonly early: Buffer[]
  earlyBytes: number
  agent: Channel | undefined
  cancelPatience: Stop
}

export class ExecRelay {
  readonly #options: ExecRelayOptions
  readonly #sessions = new Map<string, OpenSession>()
  readonly #strangers = new Set<Channel>()
  readonly #stopWatching: Stop

  constructor(options: ExecRelayOptions) {
    this.#options = options
    endLostExecSessions(options.store, options.clock.now())
    this.#stopWatching = options.store.watch(({ changes }) => {
      for (const { table, id, after } of changes)
        if (table.name === execSessions.name && after === undefined) this.#terminated(id)
    })
  }

  /** A client's end. Nothing is believed of it before its token. */
  openClient(channel: Channel, sessionId: string): void {
    const { clock } = this.#options
    const cancel = clock.setTimer(clock.now() + patienceMs, () =>
      channel.close(closeCode.refused, 'The data channel was not opened in time.'),
    )
    this.#strangers.add(channel)
    channel.onClose(() => {
      cancel()
      this.#strangers.delete(channel)
    })
    channel.onText(text => {
      if (!this.#strangers.delete(channel)) return
      cancel()
      void this.#admitClient(channel, sessionId, text)
    })
  }

  /** An agent's end, which only the instance of the session's task may open. */
  openAgent(channel: Channel, sessionId: string, identity: Identity): void {
    const session = this.#sessions.get(sessionId)
    const isWanted =
      session !== undefined &&
      session.agent === undefined &&
      this.#options.ownsInstance(identity, session.row.containerInstanceArn)
    if (!isWanted) {
      channel.close(closeCode.refused, 'There is no such session.')
      return
    }
    session.cancelPatience()
    session.agent = channel
    join(channel, session.client)
    for (const bytes of session.early.splice(0)) channel.send(bytes)
    channel.onClose((_code, reason) => this.#end(session, endOf(reason)))
  }

  stop(): void {
    this.#stopWatching()
    for (const channel of this.#strangers) channel.close(closeCode.goingAway, 'The server is stopping.')
    for (const session of [...this.#sessions.values()])
      this.#end(session, { reason: 'The server is stopping.' })
  }

  async #admitClient(channel: Channel, sessionId: string, text: string): Promise<void> {
    const { store, clock } = this.#options
    const opened = readOpenDataChannel(text)
    const row = opened && connectExecSession(store, sessionId, opened.token, clock.now())
    if (!row) {
      channel.close(closeCode.refused, 'The token opens no session.')
      return
    }
    const session: OpenSession = {
      row,
      client: channel,
      early: [],
      earlyBytes: 0,
      agent: undefined,
      cancelPatience: () => {},
    }
    this.#sessions.set(sessionId, session)
    channel.onBytes(bytes => {
      if (session.agent) forward(bytes, channel, session.agent)
      else keepEarly(session, bytes)
    })
    channel.onClose(() => this.#end(session, { reason: 'The client has gone.' }))
    // What was let happen is on disk before it happens.
    await store.durable()
    if (this.#sessions.get(sessionId) === session) this.#callAgent(session, opened)
  }

  #callAgent(session: OpenSession, opened: Pick<BerthExecMessage, 'isTerminal' | 'wantsExitCode'>): void {
    const { clock, log, tellAgent } = this.#options
    const { id: sessionId, taskArn, containerName, command, containerInstanceArn, owner } = session.row
    log.info({ sessionId, taskArn, containerName, command, owner }, 'A command is executed in a container')
    const { isTerminal, wantsExitCode } = opened
    const message: BerthExecMessage = {
      sessionId,
      taskArn,
      containerName,
      command,
      isTerminal,
      wantsExitCode,
    }
    session.cancelPatience = clock.setTimer(clock.now() + patienceMs, () =>
      this.#end(session, { reason: 'The container agent did not answer.' }),
    )
    if (!tellAgent(containerInstanceArn, 'BerthExecMessage', message))
      this.#end(session, { reason: 'The container agent is not connected.' })
  }

  /** Somebody else has ended the session, and has said why. */
  #terminated(sessionId: string): void {
    const session = this.#sessions.get(sessionId)
    if (session) this.#close(session, { reason: 'The session was terminated.' })
  }

  #end(session: OpenSession, end: ExecSessionEnd): void {
    const { store, clock } = this.#options
    if (this.#close(session, end)) endExecSession(store, session.row.id, end, clock.now())
  }

  /** False when it is closed already. */
  #close(session: OpenSession, end: ExecSessionEnd): boolean {
    const { row, client, agent } = session
    if (!this.#sessions.delete(row.id)) return false
    const { clock, log, newId } = this.#options
    const now = clock.now()
    session.cancelPatience()
    const output = end.exitCode === undefined ? end.reason : ''
    client.send(encodeChannelClosed({ sessionId: row.id, output }, { messageId: newId(), createdAt: now }))
    client.close(closeCode.normal, end.reason)
    agent?.close(closeCode.normal, end.reason)
    log.info({ sessionId: row.id, ...end }, 'A command in a container has ended')
    return true
  }
}

/** Whether an identity's agent is the one of an instance. */
export const createOwnsInstance =
  (store: Store, authorize: (identity: Identity, action: string, resources: readonly string[]) => boolean) =>
  (identity: Identity, containerInstanceArn: string): boolean =>
    store.get(containerInstances, containerInstanceArn) !== undefined &&
    authorize(identity, 'ecs:Poll', [containerInstanceArn])

/** The agent says how the command ended as it closes: `exit 0`, or in words why it never ran. */
const endOf = (reason: string): ExecSessionEnd => {
  const exit = /^exit (\d+)$/.exec(reason)
  if (exit) return { exitCode: Number(exit[1]), reason: 'The command has ended.' }
  return { reason: reason || 'The container agent has gone.' }
}

/** A client that does not wait for the agent is held up as by a slow reader: until the agent has taken what is kept. */
const keepEarly = (session: OpenSession, bytes: Buffer): void => {
  session.early.push(bytes)
  session.earlyBytes += bytes.length
  if (session.earlyBytes > mostWaitingBytes) session.client.pause()
}

const join = (agent: Channel, client: Channel): void => {
  agent.onBytes(bytes => forward(bytes, agent, client))
  client.onSent(() => {
    if (client.waiting <= mostWaitingBytes) agent.resume()
  })
  agent.onSent(() => {
    if (agent.waiting <= mostWaitingBytes) client.resume()
  })
}

const forward = (bytes: Buffer, from: Channel, to: Channel): void => {
  to.send(bytes)
  if (to.waiting > mostWaitingBytes) from.pause()
}
