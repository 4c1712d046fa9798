import type { Checker } from './checker.ts'

/** Once a newer leader has answered, an older one answers no call that begins later. */
export const oneLeader = (): Checker & {
  readonly answered: (epoch: number, begunAt: number, at: number) => string | undefined
} => {
  const firstAnswer = new Map<number, number>()
  return {
    name: 'one-leader',
    answered: (epoch, begunAt, at) => {
      if (!firstAnswer.has(epoch)) firstAnswer.set(epoch, at)
      for (const [newer, since] of firstAnswer)
        if (newer > epoch && begunAt > since) return `epoch ${epoch} answers after epoch ${newer} has`
      return undefined
    },
  }
}
