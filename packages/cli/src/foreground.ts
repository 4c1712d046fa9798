import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs a program of Berth's on this terminal, passes SIGTERM and SIGINT on, and resolves to its exit code. */
export const runInForeground = async (
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> => {
  const child = spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...environment } })
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal)
  }
  process.on('SIGTERM', forward)
  process.on('SIGINT', forward)
  const [code] = await once(child, 'exit')
  process.off('SIGTERM', forward)
  process.off('SIGINT', forward)
  return typeof code === 'number' ? code : 1
}
