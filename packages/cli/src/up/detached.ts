import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Configuration } from '../configuration.ts'
import { CommandFailure } from '../failures.ts'
import type { Summary } from './berth-up.ts'
import { makeDirectories } from './run-state.ts'

/** What the `berth up` in the background tells the one in front of it. */
export type UpMessage =
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'ready'; readonly summary: Summary }
  | { readonly kind: 'failed'; readonly message: string }

/** Starts `berth up` again in the background with the same arguments, and resolves once everything answers. */
export const startDetached = (
  configuration: Configuration,
  args: readonly string[],
  note: (text: string) => void,
): Promise<Summary> => {
  makeDirectories(configuration.dataDir)
  const log = openSync(join(configuration.dataDir, 'log', 'up.log'), 'a', 0o600)
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...args], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  // Ctrl-C while it starts means both.
  let isInterrupted = false
  const interrupt = (): void => {
    isInterrupted = true
    child.kill('SIGTERM')
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, interrupt)
  const started = new Promise<Summary>((resolve, reject) => {
    child.on('message', (message: UpMessage) => {
      if (message.kind === 'note') return note(message.text)
      child.disconnect()
      child.unref()
      if (message.kind === 'ready') resolve(message.summary)
      else reject(new CommandFailure(message.message))
    })
    child.once('exit', code =>
      reject(
        new CommandFailure(
          isInterrupted
            ? 'Interrupted; nothing was left running but tasks.'
            : `berth up ended with exit code ${code}; see ${configuration.dataDir}/log/up.log`,
        ),
      ),
    )
    child.once('error', reject)
  })
  return started.finally(() => {
    for (const signal of signals) process.off(signal, interrupt)
  })
}
