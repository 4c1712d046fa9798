import assert from 'node:assert'

const EPOCH_STEP = 2 ** 32

/**
 * The numbers of payloads and manifests to one another: an agent remembers the greatest that it saw, over restarts of
 * its own, and drops manifests that do not exceed it. The epoch grows with every start of a server, so that counting
 * from nothing in memory never goes back.
 */
export const createTimeline = (epoch: number): (() => number) => {
  let count = 0
  return () => {
    count++
    assert(count < EPOCH_STEP, 'The epoch has run out of numbers for its messages')
    return epoch * EPOCH_STEP + count
  }
}
