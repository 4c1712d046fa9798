import type { Epoch, JournalFailure } from '../store/journal.ts'

export interface LeadershipOptions {
  readonly store: { load(): Promise<void>; readonly epoch: Epoch; readonly failed: Promise<JournalFailure> }
  readonly loop: { start(): void; stop(): void }
  /** Another server leads, or the journal failed: this process must end, and start again from the rows. */
  readonly onLost: (failure: JournalFailure) => void
}

/**
 * Waits until the journal lets this server lead, reads the rows, and reconciles them. Over SQLite the one process that
 * holds the data directory leads; over a shared journal the newest epoch does, and the appends of older ones are
 * rejected, so that a server that has lost the lead without knowing it can acknowledge nothing.
 * Rejects with `JournalRefused` or `JournalFailure` when it cannot lead.
 */
export const lead = async ({ store, loop, onLost }: LeadershipOptions): Promise<Epoch> => {
  await store.load()
  loop.start()
  void store.failed.then(failure => {
    loop.stop()
    onLost(failure)
  })
  return store.epoch
}
