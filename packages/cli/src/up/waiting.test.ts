import { expect, it } from 'vitest'
import { CommandFailure } from '../failures.ts'
import { until } from './waiting.ts'

const never = async (): Promise<boolean> => false

it('fails with its complaint when the time is over', async () => {
  const waiting = until(never, { timeoutMs: 0, complaint: () => 'It did not come.' })
  await expect(waiting).rejects.toThrow(new CommandFailure('It did not come.'))
})

it('ends at once when it is stopped, and does not go on with an answer that comes too late', async () => {
  const stopped = new AbortController()
  const patience = { timeoutMs: 60_000, complaint: () => '', signal: stopped.signal }
  const waiting = until(never, patience)
  const late = until(async () => {
    stopped.abort()
    return true
  }, patience)
  await expect(late).rejects.toMatchObject({ name: 'AbortError' })
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
})
