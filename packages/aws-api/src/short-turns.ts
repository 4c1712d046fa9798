/** What is done in one turn of the event loop: pieces of work are begun for so long, the others wait for the next turns. */
const turnMs = 3

let turnBeganAt: number | undefined
/** Work that the turn before had no time for, and that goes before all requests. */
const firstInTurn: (() => void)[] = []

/**
 * Runs a request's work soon, behind what has waited longer, and such that a flood of requests does not keep timers,
 * agents and the disk's answers waiting: between two pieces of work their promises go on, so that all they do counts.
 */
export const inShortTurns = (work: () => void): void => {
  setImmediate(attempt, work)
}

/** The same for work that must not wait for all requests: in this turn or at the beginning of the next one. */
export const soonInShortTurns = (work: () => void): void => {
  setImmediate(attemptFirst, work)
}

const attemptFirst = (work: () => void): void => {
  if (hasTime()) work()
  else firstInTurn.push(work)
}

const attempt = (work: () => void): void => {
  if (hasTime()) work()
  else setImmediate(attempt, work)
}

const hasTime = (): boolean => {
  const now = performance.now()
  if (turnBeganAt === undefined) {
    turnBeganAt = now
    // Runs before all that is left to the next turn.
    setImmediate(endTurn)
  }
  return now - turnBeganAt < turnMs
}

const endTurn = (): void => {
  turnBeganAt = undefined
  for (const work of firstInTurn.splice(0)) attemptFirst(work)
}
