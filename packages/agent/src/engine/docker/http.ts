/** Plain HTTP over the Docker Engine's unix socket, with kept-alive connections. */
import { Agent, type IncomingMessage, request } from 'node:http'
import { EngineError } from '../engine.ts'
import { errorFromAnswer, errorFromTransport } from './errors.ts'

export interface DockerHttp {
  readonly socketPath: string
  /** Sends JSON, reads JSON; undefined when the answer has no body. Throws EngineError. */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, options?: CallOptions): Promise<unknown>
  /** The answer's headers and its body as it comes. Throws EngineError for a refusal. */
  stream(
    method: 'GET' | 'POST',
    path: string,
    signal?: AbortSignal,
    headers?: Readonly<Record<string, string>>,
  ): Promise<IncomingMessage>
  close(): void
}

interface CallOptions {
  readonly body?: unknown
  /** A tar archive, in place of a body. */
  readonly archive?: Buffer
  readonly timeoutMs?: number
  /** The engine answers late by its nature: the call has a connection of its own, so that no other waits behind it. */
  readonly isLong?: boolean
}

const defaultTimeoutMs = 60_000

const readText = async (answer: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

const isSuccess = (answer: IncomingMessage): boolean => (answer.statusCode ?? 500) < 400

export const createDockerHttp = (socketPath: string): DockerHttp => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 32 })
  // The events stream lives as long as the engine, a stop as long as its container likes: shared connections would run out.
  const ownConnections = new Agent({ keepAlive: false })

  const open = (
    method: string,
    path: string,
    options: CallOptions & {
      streaming?: boolean
      signal?: AbortSignal | undefined
      headers?: Readonly<Record<string, string>> | undefined
    },
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const json = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body))
      const body = options.archive ?? json
      const type = options.archive ? 'application/x-tar' : 'application/json'
      const outgoing = request({
        socketPath,
        path,
        method,
        agent: options.streaming || options.isLong ? ownConnections : agent,
        ...(options.signal ? { signal: options.signal } : {}),
        headers: {
          host: 'docker',
          ...options.headers,
          ...(body ? { 'content-type': type, 'content-length': body.length } : {}),
        },
      })
      if (!options.streaming) {
        const timeoutMs = options.timeoutMs ?? defaultTimeoutMs
        outgoing.setTimeout(timeoutMs, () =>
          outgoing.destroy(new EngineError('timedOut', `no answer within ${timeoutMs / 1000}s`, true)),
        )
      }
      outgoing.on('response', resolve)
      outgoing.on('error', error => reject(errorFromTransport(error)))
      outgoing.end(body)
    })

  const refuse = async (answer: IncomingMessage): Promise<never> => {
    throw errorFromAnswer(answer.statusCode ?? 500, await readText(answer))
  }

  return {
    socketPath,
    call: async (method, path, options = {}) => {
      const answer = await open(method, path, options)
      if (!isSuccess(answer)) return refuse(answer)
      try {
        const text = await readText(answer)
        return text === '' ? undefined : JSON.parse(text)
      } catch (error) {
        throw errorFromTransport(error)
      }
    },
    stream: async (method, path, signal, headers) => {
      const answer = await open(method, path, { streaming: true, signal, headers })
      return isSuccess(answer) ? answer : refuse(answer)
    },
    close: () => {
      agent.destroy()
      ownConnections.destroy()
    },
  }
}
