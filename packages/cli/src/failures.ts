/** The command could not do what it was asked: exit code 1, the message alone. */
export class CommandFailure extends Error {}

/** The command line itself is wrong: exit code 2, with the usage. */
export class UsageError extends Error {}

/** A refusal by Berth, a time-out, a file, a connection or another program: told in a sentence, without a stack. */
export const isFaultOfTheWorld = (error: unknown): error is Error => {
  if (!(error instanceof Error)) return false
  const { code } = error as NodeJS.ErrnoException
  const isSystems = typeof code === 'string' && /^E(?!RR_)/.test(code)
  return isSystems || '$fault' in error || 'cmd' in error || error.name === 'TimeoutError'
}
