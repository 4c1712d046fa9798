/** How certificates and revocation lists may be signed. (AWS: "Mutual authentication with TLS in Application Load Balancer") */
import { constants, type KeyObject, verify } from 'node:crypto'
import { type DerValue, derValue, identifierOf, sequenceOf, tags } from './der.ts'

/** The digest, by the algorithm's identifier in hexadecimal digits: RSA with PKCS #1, and elliptic curves. */
const digests: Readonly<Record<string, string>> = {
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
}
const probabilistic = '2a864886f70d01010a'
const hashes: Readonly<Record<string, string>> = {
  '608648016503040201': 'sha256',
  '608648016503040202': 'sha384',
  '608648016503040203': 'sha512',
}

export interface SignatureAlgorithm {
  readonly digest: string
  /** RSASSA-PSS. */
  readonly isProbabilistic: boolean
}

/** What an AlgorithmIdentifier names; undefined for one that is not taken, SHA-1 among them. Throws DerError. */
export const signatureAlgorithmOf = (value: DerValue | undefined): SignatureAlgorithm | undefined => {
  const [name, parameters] = sequenceOf(value)
  const identifier = identifierOf(name)
  const digest = digests[identifier]
  if (digest !== undefined) return { digest, isProbabilistic: false }
  if (identifier !== probabilistic) return undefined
  // Without its hash it would be SHA-1.
  const hash = sequenceOf(parameters).find(({ tag }) => tag === tags.first)
  if (!hash) return undefined
  const hashDigest = hashes[identifierOf(sequenceOf(derValue(hash.content))[0])]
  return hashDigest === undefined ? undefined : { digest: hashDigest, isProbabilistic: true }
}

export const isSignedBy = (
  key: KeyObject,
  { digest, isProbabilistic }: SignatureAlgorithm,
  data: Buffer,
  signature: Buffer,
): boolean => {
  if (!isProbabilistic) return verify(digest, data, key, signature)
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return verify(digest, data, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_AUTO }, signature)
}
