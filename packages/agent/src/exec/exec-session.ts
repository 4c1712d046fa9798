/**
 * One ECS Exec session on its host: the far end of a data channel, with a command behind it. The channel's client is
 * AWS's plugin or Berth's command line; both begin with the handshake of Session Manager.
 */
import { flag, MessageStream, payloadType } from '@berth/aws-api'
import type { BerthExecMessage } from '@berth/model'
import type { Clock } from '../clock.ts'
import type { Engine, ExecOutput, ExecProcess } from '../engine/engine.ts'
import { splitCommand } from './split-command.ts'

export interface ExecLine {
  send(bytes: Uint8Array): void
  /** `reason`: `exit` and a code, or in words why the command never ran. */
  close(reason: string): void
}

export interface ExecSessionOptions {
  readonly message: BerthExecMessage
  /** Of the container that the command runs in; undefined when there is none. */
  readonly runtimeId: string | undefined
  readonly engine: Engine
  readonly clock: Clock
  readonly newId: () => string
  readonly line: ExecLine
  readonly agentVersion: string
  /** Told of what went wrong when nobody waits for it any more. */
  failed(error: unknown): void
}

/** So that one message of output is a small part of a window. */
const mostBytesPerMessage = 32 * 1024

export class ExecSession {
  readonly #options: ExecSessionOptions
  readonly #stream: MessageStream
  #process: ExecProcess | undefined
  #startedAt = 0
  #hasBegun = false
  /** What was typed, and how large the terminal is, before the command ran. */
  readonly #early: (() => void)[] = []
  #sendEnd: (() => void) | undefined
  #isOver = false

  constructor(options: ExecSessionOptions) {
    this.#options = options
    const { clock, newId, line } = options
    this.#stream = new MessageStream({
      sends: 'output_stream_data',
      transmit: bytes => line.send(bytes),
      received: (type, payload) => this.#receive(type, payload),
      closed: reason => this.#close(reason),
      drained: () => this.#onDrained(),
      now: () => clock.now(),
      after: (delayMs, run) => clock.after(delayMs, run),
      newId,
    })
  }

  /** The line is open. */
  start(): void {
    const { clock, message, agentVersion } = this.#options
    this.#startedAt = clock.now()
    this.#sendJson(payloadType.handshakeRequest, {
      AgentVersion: agentVersion,
      RequestedClientActions: [
        {
          ActionType: 'SessionType',
          ActionParameters: {
            SessionType: message.isTerminal ? 'InteractiveCommands' : 'NonInteractiveCommands',
            Properties: {},
          },
        },
      ],
    })
  }

  handle(bytes: Buffer): void {
    this.#stream.handle(bytes)
  }

  /** The line is gone, and with it whoever waited for the command. */
  closed(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#stream.stop()
    if (this.#process) this.#kill(this.#process)
  }

  /** It may have ended just now. */
  #kill(process: ExecProcess): void {
    process.kill().catch(error => this.#options.failed(error))
  }

  #receive(type: number, payload: Uint8Array): void {
    if (type === payloadType.handshakeResponse) void this.#run()
    else if (type === payloadType.output) this.#withProcess(process => process.write(payload))
    else if (type === payloadType.size) this.#resize(payload)
    else if (type === payloadType.flag) this.#onFlag(Buffer.from(payload))
  }

  #onFlag(payload: Buffer): void {
    const value = payload.length === 4 ? payload.readUInt32BE() : 0
    if (value === flag.endOfInput) this.#withProcess(process => process.endInput())
    else if (value === flag.terminateSession) this.#close('The client ended the session.')
  }

  #resize(payload: Uint8Array): void {
    const { cols, rows } = JSON.parse(Buffer.from(payload).toString('utf8')) as Record<string, unknown>
    if (!Number.isInteger(cols) || !Number.isInteger(rows)) return
    // A command that has just ended has no terminal to resize.
    this.#withProcess(process => void process.resize(Number(cols), Number(rows)).catch(() => {}))
  }

  #withProcess(act: (process: ExecProcess) => void): void {
    if (this.#process) act(this.#process)
    else this.#early.push(() => this.#process && act(this.#process))
  }

  async #run(): Promise<void> {
    const { engine, runtimeId, message, clock } = this.#options
    if (this.#hasBegun || this.#isOver) return
    this.#hasBegun = true
    if (runtimeId === undefined) {
      this.#close('No command can be executed in the container.')
      return
    }
    try {
      const command = splitCommand(message.command)
      const process = await engine.exec(runtimeId, { command, isTerminal: message.isTerminal })
      // Whoever waited for it has gone meanwhile.
      if (this.#isOver) {
        this.#kill(process)
        return
      }
      this.#process = process
      this.#sendJson(payloadType.handshakeComplete, {
        HandshakeTimeToComplete: (clock.now() - this.#startedAt) * 1e6,
        CustomerMessage: '',
      })
      process.onOutput((output, bytes) => this.#sendOutput(output, bytes))
      for (const act of this.#early.splice(0)) act()
      this.#onExit(await process.exited)
    } catch (error) {
      this.#close(error instanceof Error ? error.message : String(error))
    }
  }

  #sendOutput(output: ExecOutput, bytes: Buffer): void {
    const type = output === 'error' ? payloadType.standardError : payloadType.output
    for (let from = 0; from < bytes.length; from += mostBytesPerMessage)
      this.#stream.send(type, bytes.subarray(from, from + mostBytesPerMessage))
    if (this.#stream.isFull) this.#process?.pause()
  }

  #onDrained(): void {
    if (!this.#stream.isFull) this.#process?.resume()
    if (this.#stream.isEmpty) this.#sendEnd?.()
  }

  /** The line is closed when everything has arrived: what follows on a closed line is lost. */
  #onExit(exitCode: number): void {
    if (this.#options.message.wantsExitCode)
      this.#stream.send(payloadType.exitCode, Buffer.from(String(exitCode)))
    this.#sendEnd = () => this.#close(`exit ${exitCode}`)
    if (this.#stream.isEmpty) this.#sendEnd()
  }

  #close(reason: string): void {
    if (this.#isOver) return
    this.#options.line.close(reason)
    this.closed()
  }

  #sendJson(type: number, content: object): void {
    this.#stream.send(type, Buffer.from(JSON.stringify(content)))
  }
}
