import type { AgentLog } from './session-surroundings.ts'

/** How many tasks of another incarnation each agent runs, as it last said. */
export class ForeignTasks {
  readonly #log: AgentLog
  readonly #counts = new Map<string, number>()

  constructor(log: AgentLog) {
    this.#log = log
  }

  get count(): number {
    let sum = 0
    for (const count of this.#counts.values()) sum += count
    return sum
  }

  note(containerInstanceArn: string, taskArns: readonly string[]): void {
    this.#counts.set(containerInstanceArn, taskArns.length)
    if (taskArns.length === 0) return
    const fields = { containerInstanceArn, count: taskArns.length, taskArns: taskArns.slice(0, 10) }
    this.#log.warn(fields, 'An agent runs tasks of another incarnation: adopt or remove them')
  }

  forget(containerInstanceArn: string): void {
    this.#counts.delete(containerInstanceArn)
  }
}
