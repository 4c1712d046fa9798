/** A row that a decision was made from has changed since: decide again from the newest rows. */
export class StaleRead extends Error {
  override readonly name = 'StaleRead'
  readonly retryable = true
}
