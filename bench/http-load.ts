/** A load generator that costs little itself: raw keep-alive connections, one request at a time on each. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface HttpAnswer {
  readonly status: number
  readonly body: Buffer
}

/** One keep-alive connection. Answers come in the order of the requests. */
export class HttpConnection {
  readonly #socket: Socket
  readonly #waiting: PromiseWithResolvers<HttpAnswer>[] = []
  #received: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', chunk => this.#receive(chunk))
    socket.on('error', error => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('The server has closed the connection')))
  }

  static async open(port: number): Promise<HttpConnection> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new HttpConnection(socket)
  }

  send(request: Buffer): Promise<HttpAnswer> {
    const waiting = Promise.withResolvers<HttpAnswer>()
    this.#waiting.push(waiting)
    this.#socket.write(request)
    return waiting.promise
  }

  /** The body of an answer that is 200. Throws with what the server said otherwise. */
  async call(request: Buffer): Promise<Buffer> {
    const { status, body } = await this.send(request)
    if (status !== 200) throw new Error(`The server answered ${status}: ${body.toString()}`)
    return body
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    for (let answer = this.#takeAnswer(); answer !== undefined; answer = this.#takeAnswer())
      this.#waiting.shift()?.resolve(answer)
  }

  #takeAnswer(): HttpAnswer | undefined {
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const head = this.#received.toString('latin1', 0, end)
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
    const next = end + 4 + length
    if (this.#received.length < next) return undefined
    const body = this.#received.subarray(end + 4, next)
    this.#received = this.#received.subarray(next)
    return { status: Number(head.slice(9, 12)), body }
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}

export const openConnections = (port: number, count: number): Promise<HttpConnection[]> =>
  Promise.all(Array.from({ length: count }, () => HttpConnection.open(port)))

export interface LoadFigures {
  readonly perSecond: number
  readonly latenciesMs: readonly number[]
}

/** Sends every request once; each connection sends its next one when the last is answered. */
export const sendAll = async (
  connections: readonly HttpConnection[],
  requests: readonly Buffer[],
): Promise<LoadFigures> => {
  const latenciesMs: number[] = []
  const rest = requests.values()
  const started = performance.now()
  const drive = async (connection: HttpConnection): Promise<void> => {
    for (const request of rest) {
      const sentAt = performance.now()
      await connection.call(request)
      latenciesMs.push(performance.now() - sentAt)
    }
  }
  await Promise.all(connections.map(drive))
  return { perSecond: (requests.length / (performance.now() - started)) * 1000, latenciesMs }
}
