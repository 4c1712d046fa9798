/** What would be no better the next time: the effect fails at once. */
export class LastingError extends Error {
  override readonly name = 'LastingError'
  readonly retryable = false
}
