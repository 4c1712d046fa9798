/** Commands in running containers: Docker's exec, over a connection that was upgraded to a raw stream. */
import { type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { EngineError, type ExecOutput, type ExecProcess, type ExecSpec } from '../engine.ts'
import { DemultiplexedStream } from './demultiplexed-stream.ts'
import { errorFromAnswer, errorFromTransport } from './errors.ts'
import type { DockerHttp } from './http.ts'
import { asObject, asText } from './json.ts'

/** `apiPath`: for instance `/v1.41`. */
export const startExec = async (
  http: DockerHttp,
  apiPath: string,
  containerId: string,
  spec: ExecSpec,
): Promise<ExecProcess> => {
  const created = await http.call('POST', `${apiPath}/containers/${containerId}/exec`, {
    body: {
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: spec.isTerminal,
      Cmd: spec.command,
    },
  })
  const execPath = `${apiPath}/exec/${asText(asObject(created)['Id'])}`
  const socket = await upgrade(http.socketPath, `${execPath}/start`, { Detach: false, Tty: spec.isTerminal })
  return new DockerExec(http, execPath, socket, spec.isTerminal)
}

/** The raw connection, with what came together with its headers put back. */
const upgrade = (socketPath: string, path: string, body: object): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const text = JSON.stringify(body)
    const outgoing = request({
      socketPath,
      path,
      method: 'POST',
      agent: false,
      headers: {
        host: 'docker',
        connection: 'Upgrade',
        upgrade: 'tcp',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      },
    })
    outgoing.on('upgrade', (_answer: IncomingMessage, socket: Socket, head: Buffer) => {
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    outgoing.on('response', answer => {
      const chunks: Buffer[] = []
      answer.on('data', chunk => chunks.push(chunk))
      answer.on('end', () =>
        reject(errorFromAnswer(answer.statusCode ?? 500, Buffer.concat(chunks).toString('utf8'))),
      )
    })
    outgoing.on('error', error => reject(errorFromTransport(error)))
    outgoing.end(text)
  })

class DockerExec implements ExecProcess {
  readonly exited: Promise<number>
  readonly #http: DockerHttp
  readonly #execPath: string
  readonly #socket: Socket
  #output: (output: ExecOutput, bytes: Buffer) => void = () => {}

  constructor(http: DockerHttp, execPath: string, socket: Socket, isTerminal: boolean) {
    this.#http = http
    this.#execPath = execPath
    this.#socket = socket
    const streams = new DemultiplexedStream((output, bytes) => this.#output(output, bytes))
    socket.on('data', (bytes: Buffer) => {
      if (isTerminal) this.#output('output', bytes)
      else streams.read(bytes)
    })
    // Nothing is read before somebody listens.
    socket.pause()
    const { promise, resolve } = Promise.withResolvers<void>()
    socket.on('close', () => resolve())
    socket.on('end', () => socket.end())
    socket.on('error', () => socket.destroy())
    this.exited = promise.then(() => this.#exitCode())
    // Whoever waits for it hears of a failure; when nobody does, it is not the end of the agent.
    this.exited.catch(() => {})
  }

  onOutput(listener: (output: ExecOutput, bytes: Buffer) => void): void {
    this.#output = listener
    this.#socket.resume()
  }

  write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes)
  }

  endInput(): void {
    this.#socket.end()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#http.call('POST', `${this.#execPath}/resize?w=${columns}&h=${rows}`)
  }

  /** Docker has no call for it: the process is one of this host. */
  async kill(): Promise<void> {
    const state = await this.#state()
    const pid = Number(state['Pid'] ?? 0)
    if (state['Running'] === true && pid > 0) process.kill(pid, 'SIGKILL')
    this.#socket.destroy()
  }

  async #exitCode(): Promise<number> {
    const exitCode = (await this.#state())['ExitCode']
    if (typeof exitCode === 'number') return exitCode
    throw new EngineError('failed', 'the command ended without an exit code')
  }

  async #state() {
    return asObject(await this.#http.call('GET', `${this.#execPath}/json`))
  }
}
