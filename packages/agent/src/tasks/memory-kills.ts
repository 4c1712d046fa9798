import { endedByMemory, exitReason } from './stop-reasons.ts'
import type { ContainerState } from './task-state.ts'

/** Which containers of a task the engine has killed for memory: it tells so before it tells that they have ended. */
export class MemoryKills {
  readonly #names = new Set<string>()

  note(name: string): void {
    this.#names.add(name)
  }

  knows(name: string): boolean {
    return this.#names.has(name)
  }

  /** It runs anew. */
  forget(name: string): void {
    this.#names.delete(name)
  }

  /** Why a container has ended, if there is more to say than its exit code. */
  reasonOf(
    name: string,
    container: ContainerState | undefined,
    { exitCode, outOfMemory, error }: SaidOfEnd,
  ): { reason?: string } {
    const isTold = outOfMemory || this.knows(name)
    return exitReason(isTold && endedByMemory(exitCode, container), error)
  }
}

/** By the engine, in an event or when it is asked. */
interface SaidOfEnd {
  readonly exitCode: number | undefined
  readonly outOfMemory: boolean
  readonly error?: string | undefined
}
