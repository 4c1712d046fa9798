import { spawn } from 'node:child_process'
import { once } from 'node:events'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs a program of Berth's on this terminal, passes signals on, and resolves to its exit code. */
export const runInForeground = async (
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> => {
  const child = spawn(process.execPath, args, {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
    // A group of its own: else Ctrl-C would reach it twice, from the terminal and from here.
    detached: true,
  })
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal)
  }
  for (const signal of signals) process.on(signal, forward)
  const [code] = await once(child, 'exit')
  for (const signal of signals) process.off(signal, forward)
  return typeof code === 'number' ? code : 1
}
