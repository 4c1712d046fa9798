/** Programs of the host. */
import { spawn } from 'node:child_process'

/** Resolves with what the program printed. Rejects with CommandError when it failed, or is not there. */
export type RunCommand = (program: string, args: readonly string[], input?: string) => Promise<string>

export class CommandError extends Error {
  constructor(program: string, args: readonly string[], reason: string) {
    super(`${program} ${args.join(' ')}: ${reason}`)
    this.name = 'CommandError'
  }
}

const timeoutMs = 10_000

/** An agent may be started with a PATH that lacks the administrator's directories. */
const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`

export const runCommand: RunCommand = (program, args, input = '') =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, PATH: path },
      timeout: timeoutMs,
      // Nothing else of the agent's waits for a program that does not end when it is asked to.
      killSignal: 'SIGKILL',
    })
    let printed = ''
    let complaint = ''
    child.stdout.on('data', chunk => {
      printed += chunk
    })
    child.stderr.on('data', chunk => {
      complaint += chunk
    })
    // What it said when it ended early is told by its exit code.
    child.stdin.on('error', () => {})
    child.on('error', error => reject(new CommandError(program, args, error.message)))
    child.on('close', (code, signal) => {
      if (code === 0) resolve(printed)
      else reject(new CommandError(program, args, complaint.trim() || `ended with ${code ?? signal}`))
    })
    child.stdin.end(input)
  })
