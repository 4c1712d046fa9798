/**
 * Where the files of a trust store may be fetched without a signature, for ten minutes. AWS's locations are in a bucket of its own
 * with the copy that is in force; Berth has that copy in its rows, and serves it itself. (AWS: GetTrustStoreCaCertificatesBundle)
 */
import type { Millis } from '../../../store/table.ts'
import type { View } from '../../../store/view.ts'
import type { Encryption } from '../../encryption.ts'
import type { Call } from '../../service.ts'
import { revocationKey, revocationPieces, trustStores } from '../tables/index.ts'

/** What a path of the server begins with. */
export const locationPath = '/_berth/trust-stores/'

const lifeMs = 600_000
const boundTo = 'elbv2.trust-store-location'

interface Sealed {
  readonly trustStoreArn: string
  /** Absent: the bundle. */
  readonly revocationId?: number
  readonly until: Millis
}

/** The server's own name is the one by which it was called. */
const originOf = ({ headers }: Call['request']): string =>
  `${headers['x-forwarded-proto'] === 'https' ? 'https' : 'http'}://${headers['host'] ?? 'localhost'}`

export const locationOf = (
  encryption: Encryption,
  { request, now }: Call,
  file: Omit<Sealed, 'until'>,
): string => {
  const sealed: Sealed = { ...file, until: now + lifeMs }
  const text = encryption.encrypt(Buffer.from(JSON.stringify(sealed)), boundTo)
  return `${originOf(request)}${locationPath}${Buffer.from(text).toString('base64url')}`
}

const openToken = (encryption: Encryption, token: string): Sealed | undefined => {
  try {
    const text = Buffer.from(token, 'base64url').toString()
    return JSON.parse(Buffer.from(encryption.decrypt(text, boundTo)).toString()) as Sealed
  } catch {
    // Whoever made it up is told what one is told who comes too late.
    return undefined
  }
}

/** The file in its parts; undefined when the path is nobody's, too old, or what it named is gone. */
export const fileAt = (
  view: View,
  encryption: Encryption,
  path: string,
  now: Millis,
): readonly string[] | undefined => {
  const sealed = openToken(encryption, path.slice(locationPath.length))
  if (!sealed || sealed.until < now) return undefined
  const { trustStoreArn, revocationId } = sealed
  const row = view.get(trustStores, trustStoreArn)
  if (!row) return undefined
  if (revocationId === undefined) return [row.certificates]
  const key = revocationKey(trustStoreArn, revocationId)
  const parts = [...view.where(revocationPieces, 'byRevocation', key)].map(({ text }) => text)
  return parts.length > 0 ? parts : undefined
}
