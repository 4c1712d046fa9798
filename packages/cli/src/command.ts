import type { ParseArgsConfig } from 'node:util'
import type { Configuration } from './configuration.ts'
import type { Flags } from './flags.ts'
import type { Output } from './output.ts'

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
