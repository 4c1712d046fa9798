/**
 * A list's token holds the last key that was shown, never an offset. `list` names what is listed, its filters included,
 * so that a token of another list is told from it.
 */
export const writeListToken = (list: string, key: string): string =>
  Buffer.from(JSON.stringify([list, key])).toString('base64url')

/** The key to go on after; undefined when this list never gave such a token. */
export const readListToken = (list: string, token: string): string | undefined => {
  const key = keyOf(token)
  // Only the very token that this list gave: base64 alone would be read leniently.
  return key !== undefined && writeListToken(list, key) === token ? key : undefined
}

const keyOf = (token: string): string | undefined => {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
    return Array.isArray(parts) && parts.length === 2 && typeof parts[1] === 'string' ? parts[1] : undefined
  } catch {
    return undefined
  }
}
