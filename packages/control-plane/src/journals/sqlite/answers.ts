import assert from 'node:assert'
import { parentPort } from 'node:worker_threads'
import { JournalRefused } from '../../store/journal.ts'
import { explain } from './database.ts'
import type { Answer, ThreadFailure } from './messages.ts'

/**
 * The thread's side: one answer for every request, in order. Messages without a number want none. The memory that
 * `transferOf` finds in an answer's value is handed over instead of copied.
 */
export const answerRequests = <T>(
  directory: string,
  perform: (request: T) => unknown,
  transferOf: (value: unknown) => readonly ArrayBuffer[] = () => [],
): void => {
  const port = parentPort
  assert(port, 'This module runs in a thread of its own')
  port.on('message', ({ number, request }: { number?: number; request: T }) => {
    const answer = answerTo(directory, () => perform(request))
    if (number !== undefined) port.postMessage({ number, answer }, answer.ok ? transferOf(answer.value) : [])
  })
}

const answerTo = (directory: string, perform: () => unknown): Answer => {
  try {
    return { ok: true, value: perform() }
  } catch (error) {
    return { ok: false, failure: failureOf(directory, error) }
  }
}

const failureOf = (directory: string, error: unknown): ThreadFailure =>
  error instanceof JournalRefused
    ? { kind: 'refused', message: error.message }
    : { kind: 'failed', message: explain(error, directory) }
