/** How far the pulls are that tasks wait for: in memory only, told every two seconds while there is any. */
import type { BerthPullProgress } from '@berth/model'
import type { Cancel, Clock } from '../clock.ts'
import type { PullProgress } from '../engine/engine.ts'

export interface PullProgressBoard {
  note(taskArn: string, container: string, image: string, progress: PullProgress): void
  /** The image is here, or is not to be had. */
  end(taskArn: string, container: string): void
  stop(): void
}

const intervalMs = 2_000

type Pull = BerthPullProgress['pulls'][number]

/** `tell` may lose a message: the next one says everything again, and the last one is empty. */
export const createPullProgressBoard = (
  clock: Clock,
  tell: (message: BerthPullProgress) => void,
): PullProgressBoard => {
  const pulls = new Map<string, Pull>()
  let cancel: Cancel | undefined
  const speak = (): void => {
    tell({ pulls: [...pulls.values()] })
    cancel = pulls.size > 0 ? clock.after(intervalMs, speak) : undefined
  }
  return {
    note: (taskArn, container, image, progress) => {
      pulls.set(`${taskArn} ${container}`, { taskArn, container, image, ...progress })
      // The first word waits as well: most pulls are over before anybody could look.
      cancel ??= clock.after(intervalMs, speak)
    },
    end: (taskArn, container) => void pulls.delete(`${taskArn} ${container}`),
    stop: () => cancel?.(),
  }
}
