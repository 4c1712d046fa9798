/** Commands to HAProxy: its master takes them on a socket, and hands on those for a worker. */
import { connect } from 'node:net'

export interface Workers {
  readonly master: number
  /** How often the master has loaded its configuration anew, and how often it could not since it last did. */
  readonly reloads: number
  readonly failedReloads: number
  /** The one that takes new connections. */
  readonly current: number | undefined
  /** Those that only finish what they have. */
  readonly former: readonly number[]
}

export interface MasterSocket {
  /** Undefined: nobody listens. Rejects when the master does not answer, as one does not that begins anew: ask again. */
  workers(): Promise<Workers | undefined>
  /** Returns once the command is given. */
  reload(): Promise<void>
  /** Whether the worker takes commands: one that begins loses them. */
  answers(worker: number): Promise<boolean>
  /** What the worker answers to the commands, one after the other. Rejects when nobody answers. */
  tell(worker: number, commands: readonly string[]): Promise<string>
}

const answerTimeoutMs = 5_000
/** The master itself answers at once, or has lost the question as it began anew. */
const masterTimeoutMs = 1_000
const beginningTimeoutMs = 250

const ask = (path: string, text: string, timeoutMs: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(path)
    const chunks: Buffer[] = []
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('HAProxy does not answer its master socket')))
    socket.on('data', chunk => chunks.push(chunk))
    socket.once('error', reject)
    socket.once('close', () => resolve(Buffer.concat(chunks).toString('utf8')))
    socket.end(text)
  })

interface WorkerRow {
  readonly pid: number
  readonly reloads: number
  readonly isLeaving: boolean
}

const workerRows = (answer: string): WorkerRow[] => {
  let isLeaving = false
  return answer.split('\n').flatMap(line => {
    if (line.startsWith('#')) isLeaving = line.startsWith('# old')
    const [pid, type, reloads] = line.trim().split(/\s+/)
    return type === 'worker' ? [{ pid: Number(pid), reloads: Number(reloads), isLeaving }] : []
  })
}

/**
 * Pure: reads `show proc`. A reload that failed counts for the worker that goes on, too; while one is under way there may be
 * two that have not been told to leave.
 */
export const parseWorkers = (answer: string): Workers => {
  const workers = workerRows(answer).toSorted((left, right) => left.reloads - right.reloads)
  const current = workers.find(({ isLeaving }) => !isLeaving)?.pid
  const [, master, reloads, failed = '0'] =
    /^(\d+)\s+master\s+(\d+)(?:\s+\[failed: (\d+)\])?/m.exec(answer) ?? []
  return {
    master: Number(master),
    reloads: Number(reloads),
    failedReloads: Number(failed),
    current,
    former: workers.map(({ pid }) => pid).filter(pid => pid !== current),
  }
}

export const createMasterSocket = (path: string): MasterSocket => ({
  workers: async () => {
    try {
      const answer = await ask(path, 'show proc\n', masterTimeoutMs)
      if (!answer.includes('master')) throw new Error('HAProxy has lost the question')
      return parseWorkers(answer)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ECONNREFUSED' || code === 'ENOENT') return undefined
      throw error
    }
  },
  reload: async () => {
    await ask(path, 'reload\n', answerTimeoutMs)
  },
  answers: worker =>
    ask(path, `@!${worker}\nshow version\n`, beginningTimeoutMs).then(
      answer => answer.trim() !== '' && !answer.startsWith("Can't find"),
      () => false,
    ),
  tell: async (worker, commands) => {
    const answer = await ask(path, `@!${worker}\n${commands.join('\n')}\n`, answerTimeoutMs)
    if (answer.startsWith("Can't find the target PID"))
      throw new Error(`HAProxy's worker ${worker} has ended`)
    return answer
  },
})
