/** Lets at most so many pieces of work run at once; the others wait in order. */
export interface Gate {
  run<Result>(work: () => Promise<Result>): Promise<Result>
}

export const createGate = (limit: number): Gate => {
  let running = 0
  const waiting: (() => void)[] = []
  const enter = (): Promise<void> | undefined => {
    if (running < limit) {
      running++
      return undefined
    }
    return new Promise(resolve => waiting.push(resolve))
  }
  const leave = (): void => {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
  return {
    run: async work => {
      await enter()
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}
