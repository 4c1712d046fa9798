/** Finds ports of the host that follow one another and that nobody has. */
import type { HostPorts, Protocol } from './host-ports.ts'

export interface ContiguousPorts {
  /** The first of so many ports. Undefined when the host has none left. */
  take(count: number, protocol: Protocol): Promise<number | undefined>
}

/**
 * Searches downwards and round, on from what it gave last: the ports of a container that does not listen yet are not
 * given again soon, and the engine, which searches upwards, is met late.
 */
export const createContiguousPorts = (ports: HostPorts): ContiguousPorts => {
  let next = ports.last
  let turn: Promise<unknown> = Promise.resolve()

  /** The highest taken port of `count` ports up to `last`; undefined when all are free. */
  const highestTaken = async (
    last: number,
    count: number,
    protocol: Protocol,
  ): Promise<number | undefined> => {
    for (let port = last; port > last - count; port--) if (!(await ports.isFree(port, protocol))) return port
    return undefined
  }

  const search = async (count: number, protocol: Protocol): Promise<number | undefined> => {
    const total = ports.last - ports.first + 1
    if (count > total) return undefined
    let last = next
    for (let passed = 0; passed < total; ) {
      if (last - count + 1 < ports.first) {
        passed += last - ports.first + 1
        last = ports.last
      }
      const taken = await highestTaken(last, count, protocol)
      if (taken === undefined) {
        next = last - count
        return last - count + 1
      }
      passed += last - taken + 1
      last = taken - 1
    }
    return undefined
  }

  return {
    take: (count, protocol) => {
      const found = turn.then(() => search(count, protocol))
      turn = found.catch(() => {})
      return found
    },
  }
}
