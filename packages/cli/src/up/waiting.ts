import { setTimeout as delay } from 'node:timers/promises'
import { CommandFailure } from '../failures.ts'

/** Asks `question` every 100 ms until it answers true. Fails with `complaint` after `timeoutMs`. */
export const until = async (
  question: () => Promise<boolean>,
  { timeoutMs, complaint }: { timeoutMs: number; complaint: () => string },
): Promise<void> => {
  const deadline = Date.now() + timeoutMs
  while (!(await question())) {
    if (Date.now() > deadline) throw new CommandFailure(complaint())
    await delay(100)
  }
}
