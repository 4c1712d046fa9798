/** The pattern is malformed; the message says where and why. */
export class FilterPatternError extends Error {
  override readonly name = 'FilterPatternError'
}
