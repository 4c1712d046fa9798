import { Worker } from 'node:worker_threads'
import { JournalFailure, JournalRefused } from '../../store/journal.ts'
import type { Answer, ThreadData } from './messages.ts'

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** A thread with a connection of its own, asked by messages. It keeps the process alive only while it is asked. */
export class JournalThread<Request> {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #ended: Promise<void>
  #lastNumber = 0
  readonly #onEnd: (failure: JournalFailure) => void
  #failure: JournalFailure | undefined

  /** `onEnd` is told when the thread ends without having been terminated. */
  constructor(module: URL, data: ThreadData, onEnd: (failure: JournalFailure) => void = () => undefined) {
    this.#onEnd = onEnd
    this.#worker = new Worker(module, { workerData: data, execArgv: [], name: 'journal' })
    this.#worker.unref()
    this.#worker.on('message', ({ number, answer }: { number: number; answer: Answer }) =>
      this.#take(number, answer),
    )
    this.#worker.on('error', error => this.#fail(error instanceof Error ? error.message : String(error)))
    this.#ended = new Promise(resolve => {
      this.#worker.on('exit', () => {
        this.#fail("The journal's thread has ended")
        resolve()
      })
    })
  }

  get ended(): boolean {
    return this.#failure !== undefined
  }

  /** Sends what needs no answer. */
  send(request: Request): void {
    this.#worker.postMessage({ request })
  }

  /** Rejects with `JournalRefused` or `JournalFailure`. */
  ask(request: Request): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const number = ++this.#lastNumber
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#waiting.set(number, { resolve, reject })
    this.#worker.ref()
    this.#worker.postMessage({ number, request })
    return promise
  }

  async terminate(): Promise<void> {
    this.#failure ??= new JournalFailure('The journal is closed')
    await this.#worker.terminate()
    await this.#ended
  }

  #take(number: number, answer: Answer): void {
    const waiting = this.#waiting.get(number)
    this.#waiting.delete(number)
    // An answer that comes while the thread is terminated must not let the process end before.
    if (this.#waiting.size === 0 && this.#failure === undefined) this.#worker.unref()
    if (answer.ok) waiting?.resolve(answer.value)
    else if (answer.failure.kind === 'refused') waiting?.reject(new JournalRefused(answer.failure.message))
    else waiting?.reject(new JournalFailure(answer.failure.message))
  }

  #fail(message: string): void {
    if (this.#failure === undefined) {
      this.#failure = new JournalFailure(message)
      this.#onEnd(this.#failure)
    }
    for (const { reject } of this.#waiting.values()) reject(this.#failure)
    this.#waiting.clear()
  }
}
