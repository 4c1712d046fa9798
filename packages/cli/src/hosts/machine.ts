/** The programs of the machine that local hosts are made with. */
import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { CommandFailure } from '../failures.ts'

const run = promisify(execFile)

/** Where root's programs are, though not every user's PATH says so. */
export const machinePath = `${process.env['PATH']}:/usr/sbin:/sbin`

/** What it printed. Fails with what it said on standard error. */
export const machine = async (command: string, ...args: string[]): Promise<string> => {
  const { stdout } = await run(command, args, { env: { ...process.env, PATH: machinePath } })
  return stdout
}

const needed = ['dockerd', 'docker', 'ip', 'nsenter', 'unshare', 'awk', 'haproxy', 'losetup']

/** Namespaces, mounts and cgroups are root's to make. */
export const checkMachine = (): void => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new CommandFailure(
      'Local hosts are made of namespaces, mounts and cgroups of Linux: run this command as root.',
    )
  const missing = needed.filter(command => {
    try {
      execFileSync('/bin/sh', ['-c', `command -v ${command}`], {
        env: { PATH: machinePath },
        stdio: 'ignore',
      })
      return false
    } catch {
      return true
    }
  })
  if (missing.length > 0)
    throw new CommandFailure(`Missing on this machine: ${missing.join(', ')}. Run script/bootstrap.`)
}
