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

/** Work of one key is done one after the other, in order; that of different keys at once. */
export interface KeyedGate {
  run<Result>(key: string, work: () => Promise<Result>): Promise<Result>
}

export const createKeyedGate = (): KeyedGate => {
  const gates = new Map<string, { readonly gate: Gate; users: number }>()
  return {
    run: async (key, work) => {
      const entry = gates.get(key) ?? { gate: createGate(1), users: 0 }
      gates.set(key, entry)
      entry.users++
      try {
        return await entry.gate.run(work)
      } finally {
        entry.users--
        if (entry.users === 0) gates.delete(key)
      }
    },
  }
}
