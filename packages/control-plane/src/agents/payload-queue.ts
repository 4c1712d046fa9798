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

/** A task that the agent has not acknowledged. */
interface Unacknowledged {
  /** How often it was sent without an answer. */
  sends: number
  /** The messages that say what is true of it now: an answer to an earlier one says nothing. */
  carriers: readonly string[]
}

/** How often each task was sent without an answer: what a new session takes over from the one before. */
export type UnansweredSends = ReadonlyMap<string, number>

/**
 * Which tasks an agent must still be told about, and which payloads it has not acknowledged.
 * Knows names only: what a payload says is read from the rows when it leaves.
 */
export class PayloadQueue {
  readonly #settings: PayloadQueueSettings
  readonly #pending = new Set<string>()
  readonly #tasks = new Map<string, Unacknowledged>()
  readonly #inFlight = new Map<string, InFlight>()
  #open = 0

  constructor(settings: PayloadQueueSettings, carriedOver: UnansweredSends = new Map()) {
    this.#settings = settings
    // Lost sessions alone never make a task be given up: that takes an agent that is there and does not answer.
    for (const [taskArn, sends] of carriedOver)
      this.#tasks.set(taskArn, { sends: Math.min(sends, settings.sendsBeforeSplit), carriers: [] })
  }

  get unanswered(): UnansweredSends {
    const sent = [...this.#tasks].filter(([, { sends }]) => sends > 0)
    return new Map(sent.map(([taskArn, { sends }]) => [taskArn, sends]))
  }

  /** The agent must be told of this task's present state. */
  note(taskArn: string): void {
    this.#pending.add(taskArn)
    this.#tasks.set(taskArn, { sends: this.#sendsOf(taskArn), carriers: [] })
  }

  /** The task is final, or elsewhere. */
  forget(taskArn: string): void {
    this.#pending.delete(taskArn)
    this.#tasks.delete(taskArn)
  }

  /** The tasks of the next payload; undefined while the window is full or nothing waits. */
  next(): readonly string[] | undefined {
    if (this.#open >= this.#settings.window) return undefined
    const batch: string[] = []
    for (const taskArn of this.#pending) {
      const isAlone = this.#sendsOf(taskArn) >= this.#settings.sendsBeforeSplit
      if (isAlone && batch.length > 0) continue
      batch.push(taskArn)
      if (isAlone || batch.length === this.#settings.tasksPerMessage) break
    }
    for (const taskArn of batch) this.#pending.delete(taskArn)
    return batch.length > 0 ? batch : undefined
  }

  sent(messageId: string, taskArns: readonly string[], now: Millis): void {
    for (const taskArn of taskArns) {
      const carriers = [...(this.#tasks.get(taskArn)?.carriers ?? []), messageId]
      this.#tasks.set(taskArn, { sends: this.#sendsOf(taskArn) + 1, carriers })
    }
    this.#inFlight.set(messageId, { taskArns, sentAt: now, expired: false })
    this.#open++
  }

  acknowledge(messageId: string): void {
    const message = this.#inFlight.get(messageId)
    if (message === undefined) return
    this.#inFlight.delete(messageId)
    if (!message.expired) this.#open--
    for (const taskArn of message.taskArns) if (this.#isCarrier(messageId, taskArn)) this.forget(taskArn)
  }

  /**
   * Queues what was not acknowledged in time; returns the tasks that are given up.
   * Silence of the whole agent is not the payload's fault: only an agent that was heard after the send has refused it.
   */
  expire(now: Millis, heardAt: Millis): readonly string[] {
    const givenUp: string[] = []
    for (const [messageId, message] of this.#inFlight) {
      const isRefused = heardAt > message.sentAt && now - message.sentAt >= this.#settings.ackTimeoutMs
      if (message.expired || !isRefused) continue
      message.expired = true
      this.#open--
      for (const taskArn of message.taskArns) {
        if (!this.#isCarrier(messageId, taskArn)) continue
        if (this.#sendsOf(taskArn) < 2 * this.#settings.sendsBeforeSplit) this.#pending.add(taskArn)
        else givenUp.push(taskArn)
      }
    }
    for (const taskArn of givenUp) this.forget(taskArn)
    this.#dropUseless()
    return givenUp
  }

  #sendsOf(taskArn: string): number {
    return this.#tasks.get(taskArn)?.sends ?? 0
  }

  #isCarrier(messageId: string, taskArn: string): boolean {
    return this.#tasks.get(taskArn)?.carriers.includes(messageId) ?? false
  }

  /** Expired messages whose late acknowledgement would tell nothing any more. */
  #dropUseless(): void {
    for (const [messageId, { expired, taskArns }] of this.#inFlight)
      if (expired && !taskArns.some(taskArn => this.#isCarrier(messageId, taskArn)))
        this.#inFlight.delete(messageId)
  }
}
