/** What Berth's agents are kept told of, whatever the topic: whole as a session begins, then what changes. */
import type { Clock } from '../../control-loop/clock.ts'
import type { Millis } from '../../store/table.ts'
import type { Commit, Stop, Store } from '../../store/view.ts'
import type { DurableOutbox } from '../durable-outbox.ts'
import type { TopicSource } from './topic.ts'
import { TopicFeed } from './topic-feed.ts'

/** What changes within it is told at once. */
const coalescedMs: Millis = 50
/** Some milliseconds. */
const defaultWorkATurn = 1_500

export interface FactFeedsOptions {
  readonly store: Store
  readonly clock: Clock
  readonly outbox: DurableOutbox
  readonly topics: readonly TopicSource[]
  /** How many facts are looked at in one turn of the event loop, about. */
  readonly workATurn?: number
}

export class FactFeeds {
  readonly #options: FactFeedsOptions
  readonly #feeds: readonly TopicFeed[]
  #workedAt: Millis = 0
  #timer: { readonly at: Millis; readonly stop: Stop } | undefined

  constructor(options: FactFeedsOptions) {
    this.#options = options
    this.#feeds = options.topics.map(source => new TopicFeed(source))
  }

  /** Tells a host of every topic, until it is stopped or opened again for the same host. */
  open(containerInstanceArn: string, send: (text: string) => void): Stop {
    const { store, outbox, clock } = this.#options
    const sendDurably = (text: string, onSent: () => void) =>
      outbox.after(store.sequence, () => {
        send(text)
        onSent()
      })
    const onDue = () => this.#workAt(clock.now() + 1)
    const opened = this.#feeds.map(feed => ({
      feed,
      stream: feed.open(containerInstanceArn, sendDurably, onDue),
    }))
    this.#workAt(clock.now())
    return () => {
      for (const { feed, stream } of opened) feed.close(stream)
    }
  }

  /** To be called within each commit: only notes what is to be looked at. */
  note({ changes }: Commit): void {
    const { store, clock } = this.#options
    for (const feed of this.#feeds) for (const change of changes) feed.note(change, store)
    if (this.#feeds.some(({ hasWork }) => hasWork))
      this.#workAt(Math.max(clock.now(), this.#workedAt + coalescedMs))
  }

  stop(): void {
    this.#timer?.stop()
    this.#timer = undefined
  }

  #workAt(at: Millis): void {
    if (this.#timer !== undefined && this.#timer.at <= at) return
    this.#timer?.stop()
    this.#timer = { at, stop: this.#options.clock.setTimer(at, () => this.#work()) }
  }

  #work(): void {
    const { store, clock, workATurn = defaultWorkATurn } = this.#options
    this.stop()
    this.#workedAt = clock.now()
    for (const feed of this.#feeds) feed.work(store, workATurn / this.#feeds.length)
    if (this.#feeds.some(({ hasWork }) => hasWork)) this.#workAt(clock.now() + 1)
    else this.stop()
  }
}
