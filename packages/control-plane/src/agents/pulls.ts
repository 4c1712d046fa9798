/** How far the pulls are that tasks wait for, as each agent last said. In memory only. */
import type { BerthPullProgress } from '@berth/model'
import { recordsOf, textOf } from './frames.ts'

export type Pull = BerthPullProgress['pulls'][number]

/** An agent says no more than its tasks need; what is more is left out. */
const pullsAtMost = 1_000

const bytesOf = (value: unknown): number => (typeof value === 'number' && value >= 0 ? value : 0)

export class Pulls {
  readonly #byInstance = new Map<string, readonly Pull[]>()

  all(): readonly Pull[] {
    return [...this.#byInstance.values()].flat()
  }

  note(containerInstanceArn: string, message: unknown): void {
    const pulls = recordsOf(message, 'pulls')
      .slice(0, pullsAtMost)
      .map(record => ({
        taskArn: textOf(record, 'taskArn'),
        container: textOf(record, 'container'),
        image: textOf(record, 'image'),
        downloadedBytes: bytesOf(record['downloadedBytes']),
        totalBytes: bytesOf(record['totalBytes']),
      }))
    if (pulls.length === 0) this.#byInstance.delete(containerInstanceArn)
    else this.#byInstance.set(containerInstanceArn, pulls)
  }

  forget(containerInstanceArn: string): void {
    this.#byInstance.delete(containerInstanceArn)
  }
}
