import { setTimeout as delay } from 'node:timers/promises'
import { CommandFailure } from '../failures.ts'

export interface Patience {
  readonly timeoutMs: number
  readonly complaint: () => string
  /** Ends the waiting at once, with the signal's reason. */
  readonly signal?: AbortSignal
}

/** Asks `question` every 100 ms until it answers true. Fails with `complaint` after `timeoutMs`. */
export const until = async (
  question: () => Promise<boolean>,
  { timeoutMs, complaint, signal }: Patience,
): Promise<void> => {
  const deadline = Date.now() + timeoutMs
  while (!(await question())) {
    signal?.throwIfAborted()
    if (Date.now() > deadline) throw new CommandFailure(complaint())
    await delay(100, undefined, signal ? { signal } : {})
  }
  signal?.throwIfAborted()
}
