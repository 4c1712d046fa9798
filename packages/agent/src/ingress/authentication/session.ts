/** What the session cookie says. HAProxy reads the first fields of it with each request. */

/** Where the fields are, counted from one, between tabs: nothing that is sent in a header has one in it. */
export const sessionFields = { usableUntil: 1, endsAt: 2, identity: 3, accessToken: 4, data: 5 } as const

export interface Session {
  /** Seconds since the epoch: after it, the tokens are to be renewed first. */
  readonly usableUntil: number
  /** Seconds since the epoch: after it, the user logs in again. */
  readonly endsAt: number
  /** `sub`. */
  readonly identity: string
  readonly accessToken: string
  /** The claims, signed. */
  readonly data: string
  readonly refreshToken?: string
}

export const sessionText = (session: Session): string =>
  [
    session.usableUntil,
    session.endsAt,
    session.identity,
    session.accessToken,
    session.data,
    session.refreshToken ?? '',
  ].join('\t')

export const sessionOf = (text: string): Session => {
  const [usableUntil, endsAt, identity = '', accessToken = '', data = '', refreshToken = ''] =
    text.split('\t')
  return {
    usableUntil: Number(usableUntil),
    endsAt: Number(endsAt),
    identity,
    accessToken,
    data,
    ...(refreshToken !== '' && { refreshToken }),
  }
}

/** What may stand in a header, and between the tabs. */
export const isPlain = (text: string): boolean => /^[\x20-\x7e]+$/.test(text)
