import { setTimeout as delay } from 'node:timers/promises'
import { CommandFailure } from '../failures.ts'

export interface Patience {
  readonly timeoutMs: number
  readonly complaint: () => string
  /** Ends the waiting at once, with the signal's reason. */
  readonly signal?: AbortSignal
}

/** Asks `question` every 100 ms until it has an answer, and resolves to it. Fails with `complaint` after `timeoutMs`. */
export const until = async <T>(
  question: () => Promise<T | false | undefined>,
  { timeoutMs, complaint, signal }: Patience,
): Promise<T> => {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const answer = await question()
    signal?.throwIfAborted()
    if (answer !== false && answer !== undefined) return answer
    if (Date.now() > deadline) throw new CommandFailure(complaint())
    await delay(100, undefined, signal ? { signal } : {})
  }
}
