/** Time as the agent sees it: passed in, so that tests and the simulation move it themselves. */
export interface Clock {
  /** Milliseconds since the epoch, on this host. */
  now(): number
  /** Runs once after that many milliseconds, unless cancelled. */
  after(delayMs: number, run: () => void): Cancel
}

export type Cancel = () => void

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

export interface ManualClock extends Clock {
  /** Moves time forward and runs what falls due, in order of time; promises settle in between. */
  advance(byMs: number): Promise<void>
}

/** A clock that stands still until `advance`. */
export const createManualClock = (start = 1_700_000_000_000): ManualClock => {
  let now = start
  let nextId = 0
  const timers = new Map<number, { at: number; run: () => void }>()
  const settle = async () => {
    for (let turn = 0; turn < 100; turn++) await Promise.resolve()
  }
  const earliest = (until: number) =>
    [...timers]
      .filter(([, timer]) => timer.at <= until)
      .sort(([a, left], [b, right]) => left.at - right.at || a - b)[0]
  return {
    now: () => now,
    after: (delayMs, run) => {
      const id = nextId++
      timers.set(id, { at: now + delayMs, run })
      return () => timers.delete(id)
    },
    advance: async byMs => {
      const until = now + byMs
      await settle()
      for (let due = earliest(until); due; due = earliest(until)) {
        const [id, timer] = due
        timers.delete(id)
        now = Math.max(now, timer.at)
        timer.run()
        await settle()
      }
      now = until
    },
  }
}
