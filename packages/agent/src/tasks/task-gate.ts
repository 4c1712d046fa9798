/**
 * Lets at most so many engine calls of tasks run at once. Calls of tasks that came earlier go first, so that what has begun
 * is finished before more is begun; but while others wait, one task has at most half of the places.
 */
export interface TaskGate {
  /** `turn`: which task it is; the lower one came earlier. */
  run<Result>(turn: number, work: () => Promise<Result>): Promise<Result>
  /** The task was told to stop: what waits of it runs at once, places or not, and has to see for itself that it need not. */
  letThrough(turn: number): void
}

interface Waiting {
  readonly turn: number
  readonly enter: () => void
}

export const createTaskGate = (places: number): TaskGate => {
  const share = Math.ceil(places / 2)
  /** The earliest task first; of one task, as they came. */
  let waiting: Waiting[] = []
  const running = new Map<number, number>()
  let free = places

  const count = (turn: number, change: 1 | -1): void => {
    const now = (running.get(turn) ?? 0) + change
    if (now === 0) running.delete(turn)
    else running.set(turn, now)
    free -= change
  }
  /** A place does not stay empty because all who wait have their share. */
  const nextIndex = (): number =>
    Math.max(
      0,
      waiting.findIndex(({ turn }) => (running.get(turn) ?? 0) < share),
    )
  const admit = ({ turn, enter }: Waiting): void => {
    count(turn, 1)
    enter()
  }
  const fill = (): void => {
    while (free > 0 && waiting.length > 0) waiting.splice(nextIndex(), 1).forEach(admit)
  }
  const enter = (turn: number): Promise<void> =>
    new Promise(resolve => {
      const before = waiting.findLastIndex(other => other.turn <= turn)
      waiting.splice(before + 1, 0, { turn, enter: resolve })
      fill()
    })

  return {
    run: async (turn, work) => {
      await enter(turn)
      try {
        return await work()
      } finally {
        count(turn, -1)
        fill()
      }
    },
    letThrough: turn => {
      const through = waiting.filter(call => call.turn === turn)
      waiting = waiting.filter(call => call.turn !== turn)
      through.forEach(admit)
    },
  }
}
