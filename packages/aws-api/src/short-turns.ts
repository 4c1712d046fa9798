/** What requests may take together of one turn of the event loop; the others wait for the next turns, in order. */
const turnMs = 3

let turnBeganAt: number | undefined

/**
 * Runs work soon, behind what has waited longer, and such that a flood of requests does not keep timers, agents and the
 * disk's answers waiting: between two pieces of work their promises go on, so that all they do counts.
 */
export const inShortTurns = (work: () => void): void => {
  setImmediate(attempt, work)
}

const attempt = (work: () => void): void => {
  const now = performance.now()
  if (turnBeganAt === undefined) {
    turnBeganAt = now
    setImmediate(endTurn)
  }
  if (now - turnBeganAt < turnMs) work()
  else setImmediate(attempt, work)
}

const endTurn = (): void => {
  turnBeganAt = undefined
}
