/** A client of a data channel as AWS's session-manager-plugin is one: it drops what comes before it is ready. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Session } from '@aws-sdk/client-ecs'
import { MessageStream, payloadType } from '@berth/aws-api'
import { WebSocket } from 'ws'
import { eventually } from './berth.ts'

export class DataChannelClient {
  readonly socket: WebSocket
  readonly payloads: { readonly type: number; readonly text: string }[] = []
  closedBecause: string | undefined
  readonly #stream: MessageStream

  private constructor(socket: WebSocket) {
    this.socket = socket
    this.#stream = new MessageStream({
      sends: 'input_stream_data',
      transmit: bytes => socket.send(bytes),
      received: (type, payload) => {
        this.payloads.push({ type, text: Buffer.from(payload).toString('utf8') })
        if (type === payloadType.handshakeRequest) this.#answerHandshake()
      },
      closed: reason => {
        this.closedBecause = reason
      },
      now: Date.now,
      after: (delayMs, run) => {
        const timer = setTimeout(run, delayMs)
        return () => clearTimeout(timer)
      },
      newId: randomUUID,
    })
  }

  /** `deafTo`: how many messages it drops first, without acknowledging them. */
  static async open(session: Session, token = session.tokenValue, deafTo = 0): Promise<DataChannelClient> {
    const socket = new WebSocket(session.streamUrl ?? '')
    const client = new DataChannelClient(socket)
    let dropped = 0
    socket.on('message', (data, isBinary) => {
      if (isBinary && dropped++ >= deafTo) client.#stream.handle(data as Buffer)
    })
    socket.on('close', () => client.#stream.stop())
    await once(socket, 'open')
    socket.send(
      JSON.stringify({
        MessageSchemaVersion: '1.0',
        RequestId: randomUUID(),
        TokenValue: token,
        ClientId: randomUUID(),
        ClientVersion: '1.2.707.0',
      }),
    )
    return client
  }

  type(text: string): void {
    this.#stream.send(payloadType.output, Buffer.from(text))
  }

  resize(cols: number, rows: number): void {
    this.#stream.send(payloadType.size, Buffer.from(JSON.stringify({ cols, rows })))
  }

  get output(): string {
    return this.payloads
      .filter(({ type }) => type === payloadType.output)
      .map(({ text }) => text)
      .join('')
  }

  says(text: string): Promise<boolean> {
    return eventually(`the session says ${text}`, async () => this.output.includes(text))
  }

  #answerHandshake(): void {
    const response = { ClientVersion: '1.2.707.0', ProcessedClientActions: [], Errors: null }
    this.#stream.send(payloadType.handshakeResponse, Buffer.from(JSON.stringify(response)))
  }
}
