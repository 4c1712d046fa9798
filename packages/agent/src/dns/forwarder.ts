/** Asks the host's own name servers what is not for this host to say. Keeps nothing: they have caches. */
import type { Clock } from '../clock.ts'
import type { Query } from './message.ts'
import type { AskServer, NameServer, Transport } from './upstream.ts'

/** Nobody could be asked, or too much is being asked already. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

export interface ForwarderOptions {
  readonly clock: Clock
  /** In the order in which they are asked. */
  readonly nameServers: () => readonly NameServer[]
  readonly askServer: AskServer
}

/** Questions that wait for an answer: what is more is refused, so that a flood costs bounded memory. */
const mostWaiting = 1_000
/** Of one question: a circle of resolvers through this one ends here. Equal queries are asked once. */
const mostOfOneQuestion = 16
const tryMs = 2_000
/** Askers give up after five seconds. */
const allMs = 5_000
const rounds = 2

export class Forwarder {
  readonly #options: ForwarderOptions
  readonly #waiting = new Map<string, Promise<Buffer>>()
  readonly #ofQuestion = new Map<string, number>()
  readonly #stopped = new AbortController()

  constructor(options: ForwarderOptions) {
    this.#options = options
  }

  /** The answer as a server gave it, with the query's id. Rejects with NoAnswer. */
  async ask(query: Query, transport: Transport): Promise<Buffer> {
    const key = `${transport} ${query.bytes.toString('latin1', 2)}`
    const known = this.#waiting.get(key)
    const answer = Buffer.from(await (known ?? this.#begin(key, query, transport)))
    query.bytes.copy(answer, 0, 0, 2)
    return answer
  }

  stop(): void {
    this.#stopped.abort(new NoAnswer('the resolver stops'))
  }

  #begin(key: string, query: Query, transport: Transport): Promise<Buffer> {
    const question = query.question.toString('latin1').toLowerCase()
    const alike = this.#ofQuestion.get(question) ?? 0
    if (this.#waiting.size >= mostWaiting || alike >= mostOfOneQuestion)
      return Promise.reject(new NoAnswer('too many questions wait for an answer'))
    this.#ofQuestion.set(question, alike + 1)
    const answer = this.#askInTurn(query, transport).finally(() => {
      this.#waiting.delete(key)
      const left = (this.#ofQuestion.get(question) ?? 0) - 1
      if (left > 0) this.#ofQuestion.set(question, left)
      else this.#ofQuestion.delete(question)
    })
    this.#waiting.set(key, answer)
    return answer
  }

  /** A server that fails or is silent gives way to the next; one that refuses is believed when no other does better. */
  async #askInTurn(query: Query, transport: Transport): Promise<Buffer> {
    const servers = this.#options.nameServers()
    const { askServer, clock } = this.#options
    const end = clock.now() + allMs
    let failed: Buffer | undefined
    for (const server of Array.from({ length: rounds }, () => servers).flat()) {
      const left = end - clock.now()
      if (left <= 0 || this.#stopped.signal.aborted) break
      const answer = await this.#within(Math.min(tryMs, left), signal =>
        askServer(server, query, transport, signal),
      )
      if (answer && !isFailure(answer)) return answer
      failed = answer ?? failed
    }
    if (failed) return failed
    throw new NoAnswer('no name server of the host answers')
  }

  /** Undefined when there was no answer. */
  async #within(ms: number, ask: (signal: AbortSignal) => Promise<Buffer>): Promise<Buffer | undefined> {
    const late = new AbortController()
    const cancel = this.#options.clock.after(ms, () => late.abort(new NoAnswer('the name server is silent')))
    try {
      return await ask(AbortSignal.any([late.signal, this.#stopped.signal]))
    } catch {
      return undefined
    } finally {
      cancel()
    }
  }
}

const servfail = 2
const refused = 5

const isFailure = (answer: Buffer): boolean => {
  const rcode = answer.readUInt16BE(2) & 0xf
  return rcode === servfail || rcode === refused
}
