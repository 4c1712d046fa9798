import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

/** A loopback port that leads to another one, as slowly as a bad line. */
export class SlowLine {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(toHost: string, bytesPerSecond: number): Promise<SlowLine> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const line = new SlowLine(server)
    server.on('connection', near => {
      const far = connect(Number(toHost.split(':')[1]), '127.0.0.1')
      for (const socket of [near, far]) {
        line.#sockets.add(socket)
        socket.on('error', () => socket.destroy())
      }
      // What the far end has said still arrives after it hung up.
      near.on('close', () => far.destroy())
      near.pipe(far)
      far.pipe(slowedTo(bytesPerSecond)).pipe(near)
    })
    return line
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}

const slowedTo = (bytesPerSecond: number): Transform =>
  new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      void delay((1_000 * chunk.length) / bytesPerSecond).then(() => done(null, chunk))
    },
  })
