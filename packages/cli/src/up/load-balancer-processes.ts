/** HAProxy of this machine's agent: it outlives the agent, as tasks do. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const wordsOf = (pid: string): readonly string[] => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    // It has ended.
    return []
  }
}

const end = (pid: number): void => {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Ends the master and the workers; they are known by the socket that is in the data directory. Returns how many there were. */
export const endLoadBalancers = (dataDir: string): number => {
  const socket = join(dataDir, 'agent', 'ingress', 'master.sock')
  const pids = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      const words = wordsOf(pid)
      return /(^|\/)haproxy$/.test(words[0] ?? '') && words.some(word => word.startsWith(`${socket},`))
    })
  for (const pid of pids) end(Number(pid))
  return pids.length
}
