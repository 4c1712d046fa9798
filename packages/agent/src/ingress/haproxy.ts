/** HAProxy as a process of the host: it outlives the agent, and the next agent finds it by its master socket. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync } from 'node:fs'
import type { Clock } from '../clock.ts'
import type { RunCommand } from '../metadata/index.ts'
import type { IngressPlaces } from './configuration/places.ts'
import type { MasterSocket, Workers } from './master-socket.ts'

/** HAProxy does not take a configuration, or does not start. */
export class HaproxyError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'HaproxyError'
  }
}

export interface Haproxy {
  /** Undefined: it does not run. Throws when it is there and does not answer. */
  workers(): Promise<Workers | undefined>
  tell(worker: number, commands: readonly string[]): Promise<string>
  /** Throws HaproxyError with what HAProxy says against the file. */
  check(configuration: string): Promise<void>
  /** Resolves once it takes connections. Throws HaproxyError. */
  start(): Promise<void>
  /** Resolves once a new worker takes connections. Throws HaproxyError: the worker before goes on. */
  reload(): Promise<void>
  stop(): Promise<void>
}

const patienceMs = 15_000
const pauseMs = 25
const attemptsAtMost = 4
const doubtMs = 100

/** Root's programs are not on every PATH. */
const environment = () => ({ ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` })

const alertsAtMost = 5

/** What it says besides is for its own log. */
const alertsOf = (text: string): string => {
  const alerts = text.split('\n').filter(line => line.startsWith('[ALERT]'))
  return alerts.length > 0 ? alerts.slice(0, alertsAtMost).join('; ') : text
}

/** What it has said from a place in its log on. */
const alertsFrom = (file: string, begin: number): string =>
  readFileSync(file)
    .subarray(begin)
    .toString('utf8')
    .split('\n')
    .filter(line => line.startsWith('[ALERT]'))
    .slice(0, alertsAtMost)
    .join('; ')

const lengthOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

export const createHaproxy = (parts: {
  readonly places: IngressPlaces
  readonly master: MasterSocket
  readonly run: RunCommand
  readonly clock: Clock
}): Haproxy => {
  const { places, master, run, clock } = parts
  const pause = (delayMs: number) => new Promise<void>(resolve => clock.after(delayMs, resolve))
  /** A master that has begun begins anew once more, and nobody listens meanwhile: one taken for dead would get a twin. */
  const workers = async (attempt = 1): Promise<Workers | undefined> => {
    const isLast = attempt === attemptsAtMost
    const answer = await master.workers().catch((error: unknown) => {
      if (isLast) throw error
      return undefined
    })
    if (answer !== undefined || isLast) return answer
    await pause(doubtMs)
    return workers(attempt + 1)
  }

  /** A master that begins anew answers nothing for a moment. */
  const until = async (
    isDone: (workers: Workers) => boolean,
    hasEnded: () => boolean,
    logBegin: number,
  ): Promise<void> => {
    const deadline = clock.now() + patienceMs
    while (clock.now() < deadline) {
      const now = await master.workers().catch(() => undefined)
      if (now?.current !== undefined && isDone(now) && (await master.answers(now.current))) return
      if (hasEnded()) break
      await pause(pauseMs)
    }
    throw new HaproxyError(`HAProxy does not start: ${alertsFrom(places.logFile, logBegin)}`)
  }

  return {
    workers: () => workers(),
    tell: (worker, commands) => master.tell(worker, commands),
    check: async configuration => {
      try {
        await run('haproxy', ['-c', '-f', configuration])
      } catch (error) {
        throw new HaproxyError(alertsOf(error instanceof Error ? error.message : String(error)))
      }
    },
    start: async () => {
      const logBegin = lengthOf(places.logFile)
      const log = openSync(places.logFile, 'a', 0o600)
      let hasEnded = false
      const child = spawn(
        'haproxy',
        ['-W', '-S', `${places.masterSocket},mode,600`, '-f', places.configuration],
        { detached: true, stdio: ['ignore', log, log], env: environment() },
      )
      closeSync(log)
      child.once('error', () => {
        hasEnded = true
      })
      child.once('exit', () => {
        hasEnded = true
      })
      child.unref()
      await until(
        ({ current }) => current !== undefined,
        () => hasEnded,
        logBegin,
      )
    },
    reload: async () => {
      const before = await workers()
      if (before === undefined) throw new HaproxyError('HAProxy has ended')
      const logBegin = lengthOf(places.logFile)
      await master.reload()
      await until(
        ({ reloads, failedReloads, current }) => {
          if (failedReloads > before.failedReloads)
            throw new HaproxyError(`HAProxy keeps its configuration: ${alertsFrom(places.logFile, logBegin)}`)
          return reloads > before.reloads && current !== undefined && current !== before.current
        },
        () => false,
        logBegin,
      )
    },
    stop: async () => {
      const running = await workers()
      if (running) end(running.master)
    },
  }
}

/** SIGTERM at the master ends all of it. */
const end = (pid: number): void => {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
