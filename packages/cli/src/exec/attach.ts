/** Joins this process's input and outputs to a command in a container, over the data channel of ECS Exec. */
import { randomUUID } from 'node:crypto'
import type { ReadStream, WriteStream } from 'node:tty'
import type { Session } from '@aws-sdk/client-ecs'
import { flag, MessageStream, payloadType } from '@berth/aws-api'
import { CommandFailure } from '../failures.ts'

export interface Streams {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
  readonly error: NodeJS.WriteStream
}

/** What is typed or pasted goes in pieces of this size, as AWS's client sends it. */
const mostBytesPerMessage = 1024

/** Resolves with the command's exit code. Throws CommandFailure when the session ended before the command did. */
export const attach = async (session: Session, isTerminal: boolean, streams: Streams): Promise<number> => {
  const socket = new WebSocket(session.streamUrl ?? '')
  socket.binaryType = 'arraybuffer'
  const end = Promise.withResolvers<number>()
  const channel = new DataChannel(socket, isTerminal, streams, end)
  socket.addEventListener('open', () => channel.open(session.tokenValue ?? ''))
  socket.addEventListener('message', ({ data }) => {
    if (data instanceof ArrayBuffer) channel.handle(Buffer.from(data))
  })
  socket.addEventListener('close', ({ reason }) =>
    end.reject(new CommandFailure(reason || 'The data channel broke.')),
  )
  try {
    return await end.promise
  } finally {
    channel.stop()
    socket.close()
  }
}

class DataChannel {
  readonly #socket: WebSocket
  readonly #isTerminal: boolean
  readonly #streams: Streams
  readonly #end: PromiseWithResolvers<number>
  readonly #stream: MessageStream
  #hasBegun = false
  #exitCode: number | undefined

  constructor(socket: WebSocket, isTerminal: boolean, streams: Streams, end: PromiseWithResolvers<number>) {
    this.#socket = socket
    this.#isTerminal = isTerminal
    this.#streams = streams
    this.#end = end
    this.#stream = new MessageStream({
      sends: 'input_stream_data',
      transmit: bytes => this.#transmit(bytes),
      received: (type, payload) => this.#receive(type, payload),
      closed: reason => this.#close(reason),
      // Before somebody listens, what flows would be lost.
      drained: () => void (this.#hasBegun && this.#streams.input.resume()),
      now: Date.now,
      after: (delayMs, run) => {
        const timer = setTimeout(run, delayMs)
        return () => clearTimeout(timer)
      },
      newId: randomUUID,
    })
  }

  open(token: string): void {
    this.#socket.send(
      JSON.stringify({
        MessageSchemaVersion: '1.0',
        RequestId: randomUUID(),
        TokenValue: token,
        ClientId: randomUUID(),
        ClientVersion: '1.2.0.0',
        BerthTerminal: this.#isTerminal,
      }),
    )
  }

  handle(bytes: Buffer): void {
    this.#stream.handle(bytes)
  }

  stop(): void {
    const { input, output } = this.#streams
    this.#stream.stop()
    if (this.#isTerminal && this.#hasBegun) (input as ReadStream).setRawMode(false)
    output.off('resize', this.#sendSize)
    input.off('data', this.#sendInput)
    input.off('end', this.#sendEndOfInput)
    input.pause()
  }

  #transmit(bytes: Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(new Uint8Array(bytes))
  }

  #receive(type: number, payload: Uint8Array): void {
    const { output, error } = this.#streams
    if (type === payloadType.handshakeRequest) this.#answerHandshake()
    else if (type === payloadType.handshakeComplete) this.#begin()
    else if (type === payloadType.output) output.write(payload)
    else if (type === payloadType.standardError) error.write(payload)
    else if (type === payloadType.exitCode) this.#exitCode = Number(Buffer.from(payload).toString('utf8'))
  }

  #answerHandshake(): void {
    const response = {
      ClientVersion: '1.2.0.0',
      ProcessedClientActions: [{ ActionType: 'SessionType', ActionStatus: 1, ActionResult: null, Error: '' }],
      Errors: null,
    }
    this.#stream.send(payloadType.handshakeResponse, Buffer.from(JSON.stringify(response)))
  }

  #begin(): void {
    const { input, output } = this.#streams
    if (this.#isTerminal) {
      ;(input as ReadStream).setRawMode(true)
      this.#sendSize()
      output.on('resize', this.#sendSize)
    }
    this.#hasBegun = true
    input.on('data', this.#sendInput)
    input.on('end', this.#sendEndOfInput)
  }

  readonly #sendInput = (bytes: Buffer): void => {
    for (let from = 0; from < bytes.length; from += mostBytesPerMessage)
      this.#stream.send(payloadType.output, bytes.subarray(from, from + mostBytesPerMessage))
    if (this.#stream.isFull) this.#streams.input.pause()
  }

  readonly #sendEndOfInput = (): void => {
    const payload = Buffer.alloc(4)
    payload.writeUInt32BE(flag.endOfInput)
    this.#stream.send(payloadType.flag, payload)
  }

  readonly #sendSize = (): void => {
    const { columns, rows } = this.#streams.output as WriteStream
    this.#stream.send(payloadType.size, Buffer.from(JSON.stringify({ cols: columns, rows })))
  }

  #close(reason: string): void {
    if (this.#exitCode === undefined) this.#end.reject(new CommandFailure(reason || 'The session has ended.'))
    else this.#end.resolve(this.#exitCode)
  }
}
