import type { Millis } from '../store/table.ts'

export interface PayloadQueueSettings {
  /** Most tasks in one payload. */
  readonly tasksPerMessage: number
  /** Most payloads on their way at once. */
  readonly window: number
  /** A payload unacknowledged for this long, by an agent that said something meanwhile, is sent again. */
  readonly ackTimeoutMs: Millis
  /** A task sent this often in company is sent alone, and sent alone this often is given up. */
  readonly sendsBeforeSplit: number
}

export const defaultPayloadQueueSettings: PayloadQueueSettings = {
  tasksPerMessage: 10,
  window: 5,
  ackTimeoutMs: 10_000,
  sendsBeforeSplit: 3,
}

interface InFlight {
  readonly taskArns: readonly string[]
  readonly sentAt: Millis
  /** Its tasks are waiting to be sent again; a late acknowledgement still counts. */
  expired: boolean
}

/** How often each task was sent without an answer: what a new session takes over from the one before. */
export type UnansweredSends = ReadonlyMap<string, number>

/**
 * Which tasks an agent must still be told about, and which payloads it has not acknowledged.
 * Knows names only: what a payload says is read from the rows when it leaves.
 */
export class PayloadQueue {
  readonly #settings: PayloadQueueSettings
  readonly #pending = new Map<string, 'changed' | 'again'>()
  readonly #inFlight = new Map<string, InFlight>()
  readonly #sends: Map<string, number>
  #open = 0

  constructor(settings: PayloadQueueSettings, carriedOver: UnansweredSends = new Map()) {
    this.#settings = settings
    this.#sends = new Map(carriedOver)
  }

  get unanswered(): UnansweredSends {
    return this.#sends
  }

  get isIdle(): boolean {
    return this.#pending.size === 0 && this.#open === 0
  }

  /** The agent must be told of this task's present state. */
  note(taskArn: string): void {
    this.#pending.set(taskArn, 'changed')
  }

  /** The task is final, or elsewhere. */
  forget(taskArn: string): void {
    this.#pending.delete(taskArn)
    this.#sends.delete(taskArn)
  }

  /** The tasks of the next payload; undefined while the window is full or nothing waits. */
  next(): readonly string[] | undefined {
    if (this.#open >= this.#settings.window) return undefined
    const batch: string[] = []
    for (const taskArn of this.#pending.keys()) {
      if (this.#mustGoAlone(taskArn)) {
        if (batch.length > 0) continue
        this.#pending.delete(taskArn)
        return [taskArn]
      }
      batch.push(taskArn)
      if (batch.length === this.#settings.tasksPerMessage) break
    }
    for (const taskArn of batch) this.#pending.delete(taskArn)
    return batch.length > 0 ? batch : undefined
  }

  sent(messageId: string, taskArns: readonly string[], now: Millis): void {
    for (const taskArn of taskArns) this.#sends.set(taskArn, (this.#sends.get(taskArn) ?? 0) + 1)
    this.#inFlight.set(messageId, { taskArns, sentAt: now, expired: false })
    this.#open++
  }

  /** False when the message is none of this queue's. */
  acknowledge(messageId: string): boolean {
    const message = this.#inFlight.get(messageId)
    if (message === undefined) return false
    this.#inFlight.delete(messageId)
    if (!message.expired) this.#open--
    for (const taskArn of message.taskArns) {
      this.#sends.delete(taskArn)
      if (this.#pending.get(taskArn) === 'again') this.#pending.delete(taskArn)
    }
    return true
  }

  /**
   * Queues what was not acknowledged in time; returns the tasks that are given up.
   * Silence of the whole agent is not the payload's fault: only an agent that was heard after the send has refused it.
   */
  expire(now: Millis, heardAt: Millis): readonly string[] {
    const givenUp: string[] = []
    for (const message of this.#inFlight.values()) {
      const refused = heardAt > message.sentAt && now - message.sentAt >= this.#settings.ackTimeoutMs
      if (message.expired || !refused) continue
      message.expired = true
      this.#open--
      for (const taskArn of message.taskArns) {
        const sends = this.#sends.get(taskArn)
        if (sends === undefined || this.#pending.has(taskArn)) continue
        if (sends >= 2 * this.#settings.sendsBeforeSplit) givenUp.push(taskArn)
        else this.#pending.set(taskArn, 'again')
      }
    }
    for (const taskArn of givenUp) this.#sends.delete(taskArn)
    return givenUp
  }

  #mustGoAlone(taskArn: string): boolean {
    return (this.#sends.get(taskArn) ?? 0) >= this.#settings.sendsBeforeSplit
  }
}
