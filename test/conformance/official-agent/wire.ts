/** Requests and sockets as the official agent signs and frames them. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { WebSocket } from 'ws'
import { sign } from '../../e2e/sign.ts'

export interface Key {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

const tokenOf = ({ sessionToken }: Key): Record<string, string> =>
  sessionToken ? { 'x-amz-security-token': sessionToken } : {}

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at member by member.
  readonly body: any
}

const bodyOf = async (response: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const chunk of response) text += chunk
  return text
}

const userAgent =
  'Amazon ECS Agent - v1.105.1 (*1a2b3c4d) (linux; Debian GNU/Linux 12) (+http://aws.amazon.com/ecs/)'

/** One call of the ECS API: `attempt` of `most`, as SDKs count. */
export const call = async (
  endpoint: string,
  key: Key,
  operation: string,
  body: object,
  { attempt = 1, most = 3 }: { readonly attempt?: number; readonly most?: number } = {},
): Promise<Answer> => {
  const url = new URL('/', endpoint)
  const text = JSON.stringify(body)
  const headers = sign(url, {
    body: text,
    accessKey: key,
    headers: {
      'amz-sdk-invocation-id': randomUUID(),
      'amz-sdk-request': `attempt=${attempt}; max=${most}`,
      'content-length': String(Buffer.byteLength(text)),
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonEC2ContainerServiceV20141113.${operation}`,
      ...tokenOf(key),
    },
  })
  const sent = request(url, { method: 'POST', headers: { ...headers, 'user-agent': userAgent } })
  sent.end(text)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, body: JSON.parse(await bodyOf(response)) }
}

interface Frame {
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: messages are looked at member by member.
  readonly message: any
}

/** What a refused upgrade is answered with. */
export class Refused extends Error {
  readonly answer: Answer

  constructor(answer: Answer) {
    super(JSON.stringify(answer))
    this.answer = answer
  }
}

/** One WebSocket, and what came in that nobody has asked for yet. */
export class Session {
  readonly url: URL
  /** Everything that was ever heard. */
  readonly heard: Frame[] = []
  readonly closed: Promise<number>
  readonly #socket: WebSocket
  readonly #unread: Frame[] = []
  readonly #waiting: { readonly type: string; readonly tell: (message: unknown) => void }[] = []

  private constructor(socket: WebSocket, url: URL) {
    this.#socket = socket
    this.url = url
    this.closed = new Promise(resolve => socket.once('close', code => resolve(code)))
    socket.on('message', data => this.#take(JSON.parse(String(data))))
  }

  /** Host and date are signed, over a body that is empty. Rejects with `Refused`. */
  static async open(url: URL, key: Key, signed: URL = url): Promise<Session> {
    const headers = sign(signed, { method: 'GET', accessKey: key, headers: tokenOf(key) })
    const socket = new WebSocket(url, { headers, perMessageDeflate: false })
    const session = new Session(socket, url)
    const refused = once(socket, 'unexpected-response').then(async ([, response]) => {
      const text = await bodyOf(response as IncomingMessage)
      throw new Refused({ status: (response as IncomingMessage).statusCode ?? 0, body: JSON.parse(text) })
    })
    await Promise.race([once(socket, 'open'), refused])
    return session
  }

  /** The oldest message of the type that was not asked for yet, or the next one. */
  // biome-ignore lint/suspicious/noExplicitAny: messages are looked at member by member.
  next(type: string): Promise<any> {
    const index = this.#unread.findIndex(frame => frame.type === type)
    const [frame] = index < 0 ? [] : this.#unread.splice(index, 1)
    if (frame) return Promise.resolve(frame.message)
    return new Promise(tell => this.#waiting.push({ type, tell }))
  }

  count(type: string): number {
    return this.heard.filter(frame => frame.type === type).length
  }

  say(type: string, message: object): void {
    this.sayText(JSON.stringify({ type, message }))
  }

  /** In telemetry each frame is signed like a GET of the connection's URL with the JSON as its body. */
  saySigned(key: Key, type: string, message: object): void {
    const body = JSON.stringify({ type, message })
    const signed = sign(this.url, { method: 'GET', body, accessKey: key, headers: tokenOf(key) })
    const lines = [`Authorization: ${signed['authorization']}`, `Host: ${signed['host']}`]
    lines.push(`X-Amz-Date: ${signed['x-amz-date']}`)
    if (key.sessionToken) lines.push(`X-Amz-Security-Token: ${key.sessionToken}`)
    this.sayText(`${lines.join('\r\n')}\r\n\r\n${body}`)
  }

  sayText(text: string): void {
    this.#socket.send(text)
  }

  /** The server has taken in all that was said until now. */
  async flushed(): Promise<void> {
    const answered = once(this.#socket, 'pong')
    this.#socket.ping()
    await answered
  }

  async close(code = 1000): Promise<void> {
    this.#socket.close(code)
    await this.closed
  }

  /** The line is cut: nobody says why. */
  async cut(): Promise<void> {
    this.#socket.terminate()
    await this.closed
  }

  #take(frame: Frame): void {
    this.heard.push(frame)
    const index = this.#waiting.findIndex(({ type }) => type === frame.type)
    const [waiting] = index < 0 ? [] : this.#waiting.splice(index, 1)
    if (waiting) waiting.tell(frame.message)
    else this.#unread.push(frame)
  }
}
