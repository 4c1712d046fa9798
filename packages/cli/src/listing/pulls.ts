import { type Configuration, endpointOf } from '../configuration.ts'

interface Pull {
  readonly taskArn: string
  readonly downloadedBytes: number
  readonly totalBytes: number
}

/** By task ARN: bytes of its images. Empty when the server does not say: it tells programs of its own machine only. */
export type PullsByTask = ReadonlyMap<string, { readonly downloaded: number; readonly total: number }>

export const readPulls = async (configuration: Configuration, timeoutMs = 2_000): Promise<PullsByTask> => {
  const sums = new Map<string, { downloaded: number; total: number }>()
  try {
    const response = await fetch(`${endpointOf(configuration)}/_berth/pulls`, {
      signal: AbortSignal.timeout(timeoutMs),
    })
    const { pulls } = response.ok ? ((await response.json()) as { pulls: readonly Pull[] }) : { pulls: [] }
    for (const { taskArn, downloadedBytes, totalBytes } of pulls) {
      const { downloaded, total } = sums.get(taskArn) ?? { downloaded: 0, total: 0 }
      sums.set(taskArn, { downloaded: downloaded + downloadedBytes, total: total + totalBytes })
    }
  } catch {
    // The list of tasks is what was asked for; how far pulls are is an extra.
  }
  return sums
}

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1)

/** `pulling 12.3 of 45.6 MB`: of the layers whose size is known. */
export const pullWords = (pulls: PullsByTask, taskArn: string | undefined): string => {
  const pull = taskArn === undefined ? undefined : pulls.get(taskArn)
  return pull ? `pulling ${megabytes(pull.downloaded)} of ${megabytes(pull.total)} MB` : ''
}
