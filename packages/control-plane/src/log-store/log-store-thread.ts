import assert from 'node:assert'
import { parentPort, workerData } from 'node:worker_threads'
import { LogStoreError } from './log-store.ts'
import { SegmentLogStore } from './segment-log-store.ts'
import type { FromThread, RemoteMethod, ThreadOptions, ToThread } from './thread-messages.ts'

/** The thread that owns the log files: whatever logs cost is paid here, beside the control plane's event loop. */
const serve = async (port: NonNullable<typeof parentPort>): Promise<void> => {
  const send = (message: FromThread): void => port.postMessage(message)
  const store = await SegmentLogStore.open({
    ...(workerData as ThreadOptions),
    report: problem => send({ kind: 'problem', problem }),
  })
  const perform = (message: ToThread): Promise<unknown> =>
    message.kind === 'append'
      ? store.appendEncoded(message.batch)
      : (store[message.method] as (...args: readonly unknown[]) => ReturnType<SegmentLogStore[RemoteMethod]>)(
          ...message.args,
        )
  port.on('message', (message: ToThread) => {
    perform(message).then(
      result => {
        send({ kind: 'result', call: message.call, result })
        if (message.kind === 'call' && message.method === 'close') port.close()
      },
      (error: unknown) => send(errorMessage(message.call, error)),
    )
  })
  send({ kind: 'opened' })
}

const errorMessage = (call: number, error: unknown): FromThread => {
  const known = error instanceof LogStoreError ? error : undefined
  return {
    kind: 'error',
    call,
    message: known?.message ?? 'The log store failed',
    retryable: known?.retryable ?? false,
    cause: String(known?.cause ?? (error instanceof Error ? error.stack : error)),
  }
}

assert(parentPort, 'this file runs as a worker thread')
const port = parentPort
serve(port).catch((error: unknown) => {
  port.postMessage({ kind: 'refused', message: String(error) } satisfies FromThread)
  port.close()
})
