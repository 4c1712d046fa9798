/** Runs wrk, and reads what it prints. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface LoadResult {
  readonly requests: number
  readonly requestsPerSecond: number
  /** Milliseconds. */
  readonly p99: number
  /** Connections that failed, answers that did not come, and answers that were none of 2xx and 3xx. */
  readonly failed: number
}

const milliseconds: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000 }

const numberOf = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0)

export const parseWrk = (printed: string): LoadResult => {
  const [, p99 = 'NaN', unit = ''] = /^\s+99%\s+([\d.]+)(us|ms|s)$/m.exec(printed) ?? []
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(printed)
  return {
    requests: numberOf(printed, /(\d+) requests in/),
    requestsPerSecond: numberOf(printed, /Requests\/sec:\s+([\d.]+)/),
    p99: Number(p99) * (milliseconds[unit] ?? Number.NaN),
    failed:
      (errors ?? []).slice(1).reduce((sum, count) => sum + Number(count), 0) +
      numberOf(printed, /Non-2xx or 3xx responses: (\d+)/),
  }
}

export const wrk = async (url: string, seconds: number, connections = 64): Promise<LoadResult> => {
  const { stdout } = await promisify(execFile)('wrk', [
    ...['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--latency', '--timeout', '10s', url],
  ])
  return parseWrk(stdout)
}
