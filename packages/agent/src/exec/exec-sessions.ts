/** The ECS Exec sessions of this host: a line to the control plane for each, opened when it asks. */
import type { BerthExecMessage } from '@berth/model'
import { WebSocket } from 'ws'
import { type AwsCredentials, signUpgrade } from '../acs/signing.ts'
import type { Clock } from '../clock.ts'
import type { Engine } from '../engine/engine.ts'
import type { Log } from '../log.ts'
import { containerNamed, type TaskState } from '../tasks/task-state.ts'
import { ExecSession } from './exec-session.ts'

export interface ExecSessionsOptions {
  readonly engine: Engine
  readonly clock: Clock
  readonly log: Log
  readonly newId: () => string
  readonly region: string
  readonly credentials: AwsCredentials
  readonly agentVersion: string
  /** Where the control plane is. */
  readonly endpoint: string
  readonly task: (arn: string) => TaskState | undefined
}

export interface ExecSessions {
  open(message: BerthExecMessage): void
  stop(): void
}

const handshakeTimeoutMs = 10_000
const normalClosure = 1000

/** Undefined where no command may run: nobody else is believed on what the task allows. */
const runtimeIdOf = (task: TaskState | undefined, containerName: string): string | undefined =>
  task?.payload.definition?.enableExecuteCommand ? containerNamed(task, containerName)?.runtimeId : undefined

export const createExecSessions = (options: ExecSessionsOptions): ExecSessions => {
  const sockets = new Set<WebSocket>()

  const lineOf = (socket: WebSocket) => ({
    send: (bytes: Uint8Array): void => {
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes)
    },
    // A close frame holds at most 123 bytes of reason.
    close: (reason: string): void => socket.close(normalClosure, reason.slice(0, 100)),
  })

  const connect = async (message: BerthExecMessage): Promise<void> => {
    const url = new URL('/exec/ws', options.endpoint)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    url.searchParams.set('sessionId', message.sessionId)
    const { clock, region, credentials } = options
    const headers = await signUpgrade(url, region, credentials, clock.now())
    const runtimeId = runtimeIdOf(options.task(message.taskArn), message.containerName)
    const socket = new WebSocket(url, {
      headers,
      handshakeTimeout: handshakeTimeoutMs,
      perMessageDeflate: false,
    })
    sockets.add(socket)
    const failed = (error: unknown): void => warn(message, error)
    const session = new ExecSession({ ...options, message, runtimeId, line: lineOf(socket), failed })
    socket.on('open', () => session.start())
    socket.on('message', (data, isBinary) => {
      if (isBinary && Buffer.isBuffer(data)) handle(session, socket, data)
    })
    socket.on('error', failed)
    socket.on('close', () => {
      sockets.delete(socket)
      session.closed()
    })
  }

  const handle = (session: ExecSession, socket: WebSocket, bytes: Buffer): void => {
    try {
      session.handle(bytes)
    } catch (error) {
      options.log.warn({ error: String(error) }, 'a message of an ECS Exec session makes no sense')
      socket.close(normalClosure, 'A message made no sense.')
    }
  }

  const warn = ({ sessionId, taskArn }: BerthExecMessage, error: unknown): void =>
    options.log.warn({ sessionId, task: taskArn, error: String(error) }, 'an ECS Exec session failed')

  return {
    open: message => void connect(message).catch(error => warn(message, error)),
    stop: () => {
      for (const socket of sockets) socket.close(normalClosure, 'The container agent is stopping.')
    },
  }
}
