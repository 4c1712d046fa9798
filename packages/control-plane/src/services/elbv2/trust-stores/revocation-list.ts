/** Lists of revoked certificates. (RFC 5280, 5.1; AWS: AddTrustStoreRevocations) */
import type { X509Certificate } from 'node:crypto'
import { elbError } from '../errors.ts'
import { subjectOf } from './ca-bundle.ts'
import { countSequences, DerError, type DerValue, derValue, identifierOf, sequenceOf, tags } from './der.ts'
import { pemBlocks, pemOf } from './pem.ts'
import { isSignedBy, type SignatureAlgorithm, signatureAlgorithmOf } from './signatures.ts'

export interface RevocationList {
  readonly entryCount: number
  /** PEM. */
  readonly text: string
}

const invalid = (why: string) =>
  elbError(
    'InvalidRevocationContent',
    `The provided revocation file is an invalid format, or uses an incorrect algorithm: ${why}`,
  )

const label = 'X509 CRL'
/** 2.5.29.27: the list says only what changed since another one. */
const deltaIndicator = '551d1b'

interface Parts {
  readonly body: Buffer
  readonly algorithm: SignatureAlgorithm
  readonly signature: Buffer
  /** DER. */
  readonly issuer: Buffer
  readonly entryCount: number
  readonly extensions: readonly string[]
}

const isTime = (value: DerValue | undefined): boolean =>
  value?.tag === tags.utcTime || value?.tag === tags.generalizedTime

const extensionsOf = (value: DerValue | undefined): string[] =>
  value === undefined
    ? []
    : sequenceOf(derValue(value.content)).map(extension => identifierOf(sequenceOf(extension)[0]))

const partsOf = (der: Buffer): Parts => {
  const [body, outer, bits, ...others] = sequenceOf(derValue(der))
  const algorithm = signatureAlgorithmOf(outer)
  if (!algorithm) throw invalid('its signature algorithm is not supported')
  if (bits?.tag !== tags.bits || others.length > 0) throw new DerError('it has no signature')
  const [first, ...rest] = sequenceOf(body)
  // The first says the version, where it does not begin with how the list is signed.
  const [issuer, thisUpdate, ...more] = first?.tag === tags.integer ? rest.slice(1) : rest
  if (issuer?.tag !== tags.sequence || !isTime(thisUpdate)) throw new DerError('it has no issuer or no time')
  const last = isTime(more[0]) ? more.slice(1) : more
  return {
    body: body?.whole ?? Buffer.alloc(0),
    algorithm,
    signature: bits.content.subarray(1),
    issuer: issuer.whole,
    entryCount: countSequences(last.find(({ tag }) => tag === tags.sequence)?.content ?? Buffer.alloc(0)),
    extensions: extensionsOf(last.find(({ tag }) => tag === tags.first)),
  }
}

/** One of an authority that the trust store has must be signed by it; HAProxy would refuse every client otherwise. */
const checkSignature = (
  { issuer, body, algorithm, signature }: Parts,
  authorities: readonly X509Certificate[],
): void => {
  const issuers = authorities.filter(authority => subjectOf(authority).equals(issuer))
  if (issuers.length === 0) return
  if (!issuers.some(({ publicKey }) => isSignedBy(publicKey, algorithm, body, signature)))
    throw invalid('it is not signed by the authority that it names')
}

/** Throws InvalidRevocationContent. */
export const readRevocationList = (text: string, authorities: readonly X509Certificate[]): RevocationList => {
  const blocks = pemBlocks(text, label)
  if (!blocks) throw invalid('it must hold certificate revocation lists in PEM, and nothing else')
  try {
    const lists = blocks.map(partsOf)
    for (const list of lists) {
      if (list.extensions.includes(deltaIndicator)) throw invalid('delta lists are not supported')
      checkSignature(list, authorities)
    }
    return {
      entryCount: lists.reduce((sum, { entryCount }) => sum + entryCount, 0),
      text: blocks.map(der => pemOf(der, label)).join(''),
    }
  } catch (error) {
    throw error instanceof DerError ? invalid(error.message) : error
  }
}

/** More than any message should have at once is cut. */
const pieceCharacters = 48 * 1024

export const piecesOf = (text: string): string[] =>
  Array.from({ length: Math.ceil(text.length / pieceCharacters) }, (_, index) =>
    text.slice(index * pieceCharacters, (index + 1) * pieceCharacters),
  )
