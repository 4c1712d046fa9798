import type { ParseArgsConfig } from 'node:util'
import type { Configuration } from './configuration.ts'
import type { Output } from './output.ts'

export type Flags = Readonly<Record<string, string | boolean | undefined>>

export interface Invocation {
  readonly flags: Flags
  readonly positionals: readonly string[]
  readonly configuration: Configuration
  readonly output: Output
}

/** One `berth …` command. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** What follows the name in the usage line: `TASK [--reason TEXT]`. */
  readonly usage: string
  readonly options: NonNullable<ParseArgsConfig['options']>
  /** How many positional arguments it takes: [least, most]. */
  readonly positionals: readonly [number, number]
  /** Resolves to the exit code. */
  readonly run: (invocation: Invocation) => Promise<number>
}

/** The command could not do what it was asked: exit code 1, the message alone. */
export class CommandFailure extends Error {}

/** The command line itself is wrong: exit code 2, with the usage. */
export class UsageError extends Error {}

export const text = (flags: Flags, name: string): string | undefined => {
  const value = flags[name]
  return typeof value === 'string' ? value : undefined
}
