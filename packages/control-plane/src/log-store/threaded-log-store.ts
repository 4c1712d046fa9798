import { Worker } from 'node:worker_threads'
import { encodeEvents } from './entries.ts'
import {
  type AppendResult,
  type LiveLogs,
  type LogBatch,
  type LogStore,
  LogStoreError,
  type ReadPage,
  type ReadRequest,
  type StreamFigures,
} from './log-store.ts'
import type { FromThread, RemoteMethod, RemoteResult, ThreadOptions, ToThread } from './thread-messages.ts'

export interface LogStoreOptions extends ThreadOptions {
  /** Told of what was lost or could not be done, in a sentence. */
  readonly report: (problem: string) => void
}

/** Opens (or makes) the log store of a directory, on a thread of its own. Rejects when the directory cannot be used. */
export const openLogStore = async ({ report, ...options }: LogStoreOptions): Promise<LogStore> => {
  const worker = new Worker(new URL('./log-store-thread.ts', import.meta.url), {
    workerData: options,
    name: 'log-store',
  })
  const store = new ThreadedLogStore(worker, report)
  await store.opened
  return store
}

/** Hands calls to the thread. Events are encoded here, so that they cross over without being copied. */
class ThreadedLogStore implements LogStore {
  readonly opened: Promise<void>
  readonly #worker: Worker
  readonly #report: (problem: string) => void
  readonly #opening = Promise.withResolvers<void>()
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>()
  #lastCall = 0
  #failure: Error | undefined
  #isOpen = false
  #isClosing = false
  pendingBytes = 0

  constructor(worker: Worker, report: (problem: string) => void) {
    this.#worker = worker
    this.#report = report
    this.opened = this.#opening.promise
    worker.on('message', (message: FromThread) => this.#receive(message))
    worker.on('error', error => this.#fail(error))
    worker.on('exit', () => this.#fail(new Error('the thread of the log store has ended')))
  }

  async append({ events, ...batch }: LogBatch): Promise<AppendResult> {
    const entries = encodeEvents(events)
    const bytes = entries.length
    this.pendingBytes += bytes
    try {
      return (await this.#send(
        call => ({ kind: 'append', call, batch: { ...batch, entries } }),
        [entries.buffer],
      )) as AppendResult
    } finally {
      this.pendingBytes -= bytes
    }
  }

  read(request: ReadRequest): Promise<ReadPage> {
    return this.#call('read', request)
  }

  figures(groupId: string, streamIds?: readonly string[]): Promise<ReadonlyMap<string, StreamFigures>> {
    return this.#call('figures', groupId, streamIds)
  }

  groupBytes(groupIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#call('groupBytes', groupIds)
  }

  deleteStream(groupId: string, streamId: string): Promise<void> {
    return this.#call('deleteStream', groupId, streamId)
  }

  deleteGroup(groupId: string): Promise<void> {
    return this.#call('deleteGroup', groupId)
  }

  sweep(live: LiveLogs): Promise<void> {
    return this.#call('sweep', live)
  }

  bytesUsed(): Promise<number> {
    return this.#call('bytesUsed')
  }

  async close(): Promise<void> {
    this.#isClosing = true
    await this.#call('close')
  }

  async #call<M extends RemoteMethod>(method: M, ...args: Parameters<LogStore[M]>): Promise<RemoteResult<M>> {
    return (await this.#send(call => ({ kind: 'call', call, method, args }))) as RemoteResult<M>
  }

  async #send(message: (call: number) => ToThread, transfer: ArrayBuffer[] = []): Promise<unknown> {
    if (this.#failure) throw this.#gone(this.#failure)
    const call = ++this.#lastCall
    const answer = Promise.withResolvers<unknown>()
    this.#calls.set(call, answer)
    this.#worker.postMessage(message(call), transfer)
    return await answer.promise
  }

  #receive(message: FromThread): void {
    if (message.kind === 'opened') {
      this.#isOpen = true
      this.#opening.resolve()
    } else if (message.kind === 'refused') this.#fail(new Error(message.message))
    else if (message.kind === 'problem') this.#report(message.problem)
    else {
      const answer = this.#calls.get(message.call)
      this.#calls.delete(message.call)
      if (message.kind === 'result') answer?.resolve(message.result)
      else answer?.reject(new LogStoreError(message.message, message))
    }
  }

  #fail(cause: Error): void {
    if (this.#failure) return
    this.#failure = cause
    const error = this.#gone(cause)
    if (this.#isOpen && !this.#isClosing)
      this.#report(`${error.message}; start Berth again to have logs again`)
    this.#opening.reject(error)
    for (const answer of this.#calls.values()) answer.reject(error)
    this.#calls.clear()
  }

  #gone(cause: Error): LogStoreError {
    return new LogStoreError(`The log store is not available: ${cause.message}`, { retryable: false, cause })
  }
}
